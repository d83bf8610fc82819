//! Opening the address that the dashboard is served at.

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// The address cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    /// Others could reach it.
    #[error(
        "refusing to serve at {0} without sign-in over https, because others could reach it; \
         use a loopback address such as 127.0.0.1:7878, or let people sign in with --sign-in and an https public_url"
    )]
    NotLoopback(SocketAddr),
    /// Another program is there.
    #[error("{0} is in use by another program; stop it or choose another address with --listen")]
    Used(SocketAddr),
    /// The system does not allow it.
    #[error("{0} may not be used by this user; choose a port above 1023 with --listen")]
    NotAllowed(SocketAddr),
    /// Anything else.
    #[error("{address} cannot be listened on; choose another address with --listen")]
    Other {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// Who may reach the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// This machine, because nobody has to prove who they are.
    ThisMachine,
    /// Everybody, because people sign in.
    Everybody,
}

/// Opens an address, or says why not.
pub(crate) async fn open(address: SocketAddr, reach: Reach) -> Result<TcpListener, ListenError> {
    if reach == Reach::ThisMachine && !address.ip().is_loopback() {
        return Err(ListenError::NotLoopback(address));
    }
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => ListenError::Used(address),
        ErrorKind::PermissionDenied => ListenError::NotAllowed(address),
        _ => ListenError::Other { address, source },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_cannot_be_served_is_refused_with_the_way_out() {
        let mine = Reach::ThisMachine;
        let refused = open("0.0.0.0:7878".parse().unwrap(), mine).await.unwrap_err();
        assert!(refused.to_string().contains("without sign-in"), "{refused}");
        let first = open("127.0.0.1:0".parse().unwrap(), mine).await.unwrap();
        let second = open(first.local_addr().unwrap(), mine).await.unwrap_err();
        assert!(matches!(second, ListenError::Used(_)), "{second}");
    }
}
