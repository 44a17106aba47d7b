//! Runs a command beside a fresh database, whose address it finds in `DATABASE_URL`:
//!
//!     cargo run -p servers --example with_database -- MIGRATIONS COMMAND [ARGUMENTS…]
//!
//! The migrations of that folder are applied before. The database is gone when the command ends.

use std::{path::Path, process::ExitCode};

use servers::testing;
use sqlx::{Connection, PgConnection, migrate::Migrator};
use tokio::process::Command;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(migrations), Some(program)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: with_database MIGRATIONS COMMAND [ARGUMENTS…]");
        return Ok(ExitCode::from(2));
    };
    let database = testing::database().await;
    let mut connection = PgConnection::connect_with(&database.connect_options()).await?;
    Migrator::new(Path::new(&migrations)).await?.run_direct(None, &mut connection, false).await?;
    connection.close().await?;
    let status = Command::new(program).args(arguments).env("DATABASE_URL", database.url()).status().await?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
