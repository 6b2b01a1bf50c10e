//! A small web server for the loopback address: the demo and the host-page tests are served by it.
//!
//! ```no_run
//! use tollgate_serve::{Folder, Response, Router, Server};
//!
//! let router = Router::new()
//!     .at("/slow.js", |_| {
//!         std::thread::sleep(std::time::Duration::from_millis(300));
//!         Response::new(200).body("text/javascript; charset=utf-8", "/* late */")
//!     })
//!     .mount("/", Folder::new("www/demo"))
//!     .mount("/", Folder::new("www/dist"));
//! let server = Server::start(router)?;
//! println!("http://{}/", server.addr);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! It listens on 127.0.0.1 only, answers each request on a thread of its own (so that a handler may take its
//! time), sends `Cache-Control: no-store` unless a handler says otherwise, and stops when it is dropped.

mod exchange;
mod folder;
mod router;
mod server;

pub use exchange::{Request, Response};
pub use folder::{Folder, content_type};
pub use router::Router;
pub use server::Server;
