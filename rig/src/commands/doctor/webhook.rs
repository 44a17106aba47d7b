//! How GitHub's deliveries come: to an address of ours, or by reading GitHub's list of them.

use std::time::Duration;

use conductor::github::{
    examine::{Unseen, Webhook},
    principal::Principal,
};
use reqwest::{Client, StatusCode, redirect::Policy};

use super::{Ours, finding::Findings};
use crate::exit::{Failure, sentence};

/// GitHub waits no longer either.
const WITHIN: Duration = Duration::from_secs(10);

pub(super) async fn look(findings: &mut Findings, address: Option<&str>, ours: &[Ours]) -> Result<(), Failure> {
    let Some(conductor) = ours.iter().find(|app| app.principal == Principal::Conductor) else {
        return Ok(());
    };
    let webhook = match conductor.client.webhook().await {
        Ok(webhook) => Some(webhook),
        Err(Unseen::Absent(_)) => None,
        Err(unseen) => return findings.unsure("webhook", &unseen.to_string(), "rig doctor, once more later"),
    };
    match (address, webhook) {
        (Some(address), webhook) => posted(findings, address, webhook.as_ref()).await,
        (None, Some(_)) => findings.good("webhook", "no address is named: GitHub's list of deliveries is read instead"),
        (None, None) => findings.wrong(
            "webhook",
            "the conductor's App has no webhook, so GitHub lists no deliveries that could be read",
            "on the App's page, Webhook: Active, with https://rig.invalid/webhooks/github",
        ),
    }
}

async fn posted(findings: &mut Findings, address: &str, webhook: Option<&Webhook>) -> Result<(), Failure> {
    match webhook {
        Some(webhook) if !webhook.is_json => {
            findings.wrong(
                "webhook",
                "the App's deliveries come as forms",
                "on the App's page, Content type: application/json",
            )?;
        }
        Some(webhook) if webhook.url.trim_end_matches('/') != address => {
            let what = format!("the App posts to {}, and rig.toml says {address}", webhook.url);
            findings.wrong("webhook", &what, &format!("on the App's page, Webhook URL: {address}"))?;
        }
        Some(_) => findings.good("webhook", &format!("the App posts to {address}"))?,
        None => findings.unsure(
            "webhook",
            "the conductor's App has none; a repository's own has to post here",
            &format!("on the App's page, Webhook URL: {address}"),
        )?,
    }
    reached(findings, address).await
}

/// The door answers who only looks with 405.
async fn reached(findings: &mut Findings, address: &str) -> Result<(), Failure> {
    let asked = async {
        let client = Client::builder().timeout(WITHIN).redirect(Policy::none()).build()?;
        Ok::<_, reqwest::Error>(client.get(address).send().await?.status())
    };
    match asked.await {
        Ok(StatusCode::METHOD_NOT_ALLOWED) => findings.good("webhook", "the door answers there, as seen from here"),
        Ok(status) => {
            let what = format!("{address} answers {status}, which is not the Rig's door");
            findings.wrong("webhook", &what, "lead that address to `listen` under [ingest], path and all")
        }
        Err(error) => findings.wrong("webhook", &format!("{address}: {}", sentence(&error)), "rig up, then rig doctor"),
    }
}
