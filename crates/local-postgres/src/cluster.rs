//! Starting, sharing and stopping a cluster.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::directory::{ClusterSettings, Directory};
use crate::download;
use crate::error::ClusterError;
use crate::postmaster::Postmaster;
use crate::programs::Programs;

/// Which cluster.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// Its directory: made if it is not there; must otherwise be empty or one that an earlier start made.
    pub data_dir: PathBuf,
}

/// A running Postgres that this process uses; dropping it stops the server unless another process uses it too.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    running: Option<InUse>,
}

/// What is needed to leave the cluster again.
#[derive(Debug)]
struct InUse {
    postmaster: Postmaster,
    users_lock: File,
}

impl Cluster {
    /// Starts the cluster, or adopts the server that another process started in the same directory.
    ///
    /// The first start initialises the cluster, which takes some seconds.
    pub async fn start(options: ClusterOptions) -> Result<Self, ClusterError> {
        let (account, directory) = blocking(move || {
            let account = Account::choose()?;
            let directory = Directory::prepare(&options.data_dir, account.as_ref())?;
            Ok((account, directory))
        })
        .await?;
        let change_lock = directory.open_change_lock()?;
        // Two starters at once: the second one waits here and then finds the server running.
        let change_lock = blocking(move || {
            change_lock.lock().map_err(ClusterError::file("change.lock", "locked"))?;
            Ok(change_lock)
        })
        .await?;
        let programs = choose_programs(&directory).await?;
        let postmaster = Postmaster { programs, account, directory };
        blocking(move || {
            let cluster = Self::start_locked(&postmaster);
            drop(change_lock);
            cluster
        })
        .await
    }

    fn start_locked(postmaster: &Postmaster) -> Result<Self, ClusterError> {
        let directory = &postmaster.directory;
        let users_lock = directory.open_users_lock()?;
        users_lock.lock_shared().map_err(ClusterError::file("users.lock", "locked"))?;
        if directory.data_version().is_none() {
            let settings = ClusterSettings { port: 0, password: random_password()? };
            directory.write_settings(&settings)?;
            postmaster.initialise(&settings.password)?;
        }
        let mut settings = directory.read_settings()?;
        let adopted = match postmaster.running()? {
            Some(_) => postmaster.wait_until_ready()?,
            None => None,
        };
        let port = match adopted {
            Some(port) => port,
            None => postmaster.start(Some(settings.port).filter(|port| *port != 0))?,
        };
        // From here on the server is this value's to stop.
        let cluster = Self {
            url: format!("postgres://postgres:{}@127.0.0.1:{port}/postgres", settings.password),
            running: Some(InUse { users_lock, postmaster: postmaster.clone() }),
        };
        if settings.port != port {
            settings.port = port;
            directory.write_settings(&settings)?;
        }
        tracing::info!(port, adopted = adopted.is_some(), "Postgres is ready");
        Ok(cluster)
    }

    /// The address with user and password, for programs that connect: do not log it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server, unless another process uses it too: then it is left to that one.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        match self.running.take() {
            Some(in_use) => blocking(move || in_use.leave()).await,
            None => Ok(()),
        }
    }

    /// Removes the cluster in `data_dir` with all its data, stopping a server left over there.
    ///
    /// Refused while another process uses it; downloaded programs stay.
    pub async fn remove(data_dir: &Path) -> Result<(), ClusterError> {
        if !data_dir.exists() {
            return Ok(());
        }
        let data_dir = data_dir.to_owned();
        let (account, directory) = blocking(move || {
            let account = Account::choose()?;
            let directory = Directory::prepare(&data_dir, account.as_ref())?;
            Ok((account, directory))
        })
        .await?;
        if directory.data_version().is_none() {
            return Ok(());
        }
        let programs = choose_programs(&directory).await?;
        blocking(move || {
            let change_lock = directory.open_change_lock()?;
            change_lock.lock().map_err(ClusterError::file("change.lock", "locked"))?;
            let users_lock = directory.open_users_lock()?;
            users_lock.try_lock().map_err(|_| ClusterError::InUse(directory.root().to_owned()))?;
            Postmaster { programs, account, directory: directory.clone() }.stop()?;
            std::fs::remove_dir_all(directory.data())
                .map_err(ClusterError::file(directory.data(), "removed"))?;
            std::fs::remove_file(directory.settings_file())
                .map_err(ClusterError::file(directory.settings_file(), "removed"))
        })
        .await
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(in_use) = self.running.take()
            && let Err(error) = in_use.leave()
        {
            tracing::warn!(%error, "Postgres was not stopped");
        }
    }
}

impl InUse {
    fn leave(self) -> Result<(), ClusterError> {
        let directory = &self.postmaster.directory;
        // Nobody can start or adopt between finding out that we are the last and stopping.
        let change_lock = directory.open_change_lock()?;
        change_lock.lock().map_err(ClusterError::file("change.lock", "locked"))?;
        self.users_lock.unlock().map_err(ClusterError::file("users.lock", "unlocked"))?;
        match self.users_lock.try_lock() {
            Ok(()) => self.postmaster.stop(),
            Err(_) => Ok(()),
        }
    }
}

async fn choose_programs(directory: &Directory) -> Result<Programs, ClusterError> {
    let wanted = directory.data_version();
    let found = blocking(|| Ok(Programs::find_all())).await?;
    let fits = |programs: &Programs| wanted.is_none_or(|wanted| programs.major == wanted);
    let any = !found.is_empty();
    if let Some(programs) = found.into_iter().find(fits) {
        return Ok(programs);
    }
    match (wanted, download::download(&directory.install(), wanted).await) {
        (Some(wanted), Err(_)) if any => {
            Err(ClusterError::OtherVersion { data_dir: directory.root().to_owned(), wanted })
        }
        (_, programs) => programs,
    }
}

fn random_password() -> Result<String, ClusterError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| ClusterError::Random(error.to_string()))?;
    Ok(hex::encode(bytes))
}

/// Runs what waits for processes and files on a thread of its own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClusterError> + Send + 'static,
) -> Result<T, ClusterError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
