//! Who tells what happens, as it happens: the story, and the plugs that are pulled meanwhile.

use std::{future::pending, pin::Pin};

use bus::read::{Reader, Start};
use tokio::sync::mpsc;

use super::{
    keys::Keys,
    plug::{self, Puller, Told},
    story::Story,
};
use crate::{exit::Failure, roles::Pids, screen, up::Rig};

/// Who tells.
pub(super) struct Narrator<'a> {
    pub(super) story: Story,
    /// The demo listens as any program does.
    log: Reader,
    plugs: Option<Plugs<'a>>,
}

/// Those who pull, and what is told of it.
struct Plugs<'a> {
    /// Ends when all were pulled; by keys never.
    pulling: Option<Pin<Box<dyn Future<Output = ()> + 'a>>>,
    /// Whether somebody was killed who is not back yet.
    is_pulled: bool,
    told: mpsc::UnboundedReceiver<Told>,
    keys: Option<Keys>,
}

impl<'a> Narrator<'a> {
    /// Begins to listen; where roles run apart their plugs are pulled, by chance or by key.
    ///
    /// # Errors
    /// When LOG cannot be read.
    pub(super) async fn begin(rig: &'a Rig, pids: Option<&Pids>, random: Option<u64>) -> Result<Self, Failure> {
        let log = Reader::open(rig.operator(), Start::Sequence(1), &[]).await?;
        Ok(Self { story: Story::begin(), log, plugs: pids.map(|pids| Plugs::begin(rig, pids.clone(), random)) })
    }

    /// Whether each issue has come to its end, each plug that chance pulls was pulled, and nobody is being waited for who
    /// was killed: what is counted then is there.
    pub(super) fn is_over(&self) -> bool {
        let pulled = |plugs: &Plugs<'_>| match plugs.keys {
            Some(_) => !plugs.is_pulled,
            None => plugs.pulling.is_none(),
        };
        self.story.is_over() && self.plugs.as_ref().is_none_or(pulled)
    }

    /// Waits for the next thing that happens, and tells it where it is worth a line.
    ///
    /// # Errors
    /// When LOG cannot be read on.
    pub(super) async fn tell(&mut self) -> Result<(), Failure> {
        let Self { story, log, plugs } = self;
        tokio::select! {
            record = log.next() => story.hear(&record?).iter().for_each(|line| screen::say(line)),
            told = next(plugs.as_mut()) => match told {
                Told::Asked => story.press(),
                Told::Line(line) => screen::say(&story.aside(&line)),
                Told::Over => {}
            },
        }
        Ok(())
    }
}

impl<'a> Plugs<'a> {
    fn begin(rig: &'a Rig, pids: Pids, random: Option<u64>) -> Self {
        let (pulls, asked) = mpsc::channel(1);
        let (tell, told) = mpsc::unbounded_channel();
        let puller = Puller { rig, pids };
        let (keys, chance) = match random {
            Some(seed) => (None, Some(plug::at_random(seed, pulls))),
            None => (Some(Keys::listen(pulls)), None),
        };
        let pulling = async move {
            let chance = async {
                if let Some(chance) = chance {
                    chance.await;
                }
            };
            tokio::join!(chance, puller.run(asked, tell));
        };
        Self { pulling: Some(Box::pin(pulling)), is_pulled: false, told, keys }
    }
}

/// What is told next of the plugs; a key that nobody pressed is not counted.
async fn next(plugs: Option<&mut Plugs<'_>>) -> Told {
    let Some(plugs) = plugs else { return pending().await };
    loop {
        let told = match &mut plugs.pulling {
            Some(pulling) => tokio::select! {
                biased;
                Some(told) = plugs.told.recv() => told,
                () = pulling => {
                    plugs.pulling = None;
                    continue;
                }
            },
            None => match plugs.told.recv().await {
                Some(told) => told,
                None => return pending().await,
            },
        };
        plugs.is_pulled = !matches!(told, Told::Over);
        match told {
            Told::Asked if plugs.keys.is_none() => {}
            told => return told,
        }
    }
}
