//! The running server: listens on the loopback address, one thread per request, stops when dropped.

use crate::{Request, Response, Router, exchange::percent_decode};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// A server that runs until this value is dropped.
pub struct Server {
    /// Where it listens.
    pub addr: SocketAddr,
    listener: Arc<tiny_http::Server>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts on a free port of 127.0.0.1.
    pub fn start(router: Router) -> io::Result<Server> {
        Server::start_on(0, router)
    }

    /// Starts on this port of 127.0.0.1; fails with `AddrInUse` if somebody else has it.
    pub fn start_on(port: u16, router: Router) -> io::Result<Server> {
        let socket = std::net::TcpListener::bind(("127.0.0.1", port))?;
        let addr = socket.local_addr()?;
        let listener = Arc::new(tiny_http::Server::from_listener(socket, None).map_err(io::Error::other)?);
        let accepting = thread::spawn({
            let listener = Arc::clone(&listener);
            let router = Arc::new(router);
            move || {
                while let Ok(incoming) = listener.recv() {
                    let router = Arc::clone(&router);
                    thread::spawn(move || answer(incoming, &router));
                }
            }
        });
        Ok(Server { addr, listener, accepting: Some(accepting) })
    }

    /// The site's root address, such as `http://127.0.0.1:8080/`.
    pub fn url(&self) -> String {
        format!("http://{}/", self.addr)
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listener.unblock();
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// Answers one request. A browser that went away in the meantime is no error.
fn answer(mut incoming: tiny_http::Request, router: &Router) {
    let mut body = Vec::new();
    if io::Read::read_to_end(incoming.as_reader(), &mut body).is_err() {
        return;
    }
    let (path, query) = incoming.url().split_once('?').unwrap_or((incoming.url(), ""));
    let request = Request {
        method: incoming.method().to_string(),
        path: percent_decode(path),
        query: query.to_owned(),
        headers: incoming
            .headers()
            .iter()
            .map(|header| (header.field.as_str().as_str().to_ascii_lowercase(), header.value.to_string()))
            .collect(),
        body,
    };
    let response = router.respond(&request);
    let head_only = request.method == "HEAD";
    let _ = send(&response, head_only, incoming.into_writer());
}

/// Writes a response, and ends the connection with it.
///
/// The server library keeps a thread for each open connection, and when several are made at once it can leave one in
/// a queue until another ends, which a browser would not let happen for minutes: pages hang. It also drops a
/// `Connection` header from responses of its own making, hence the plain writing here.
fn send(response: &Response, head_only: bool, mut writer: impl io::Write) -> io::Result<()> {
    let reason = tiny_http::StatusCode(response.status).default_reason_phrase();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", response.status);
    if !response.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("cache-control")) {
        head.push_str("Cache-Control: no-store\r\n");
    }
    for (name, value) in &response.headers {
        // A line end in a value would begin a header of its own.
        if !name.contains(['\r', '\n']) && !value.contains(['\r', '\n']) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str(&format!("Content-Length: {}\r\nConnection: close\r\n\r\n", response.body.len()));
    writer.write_all(head.as_bytes())?;
    if !head_only {
        writer.write_all(&response.body)?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    fn raw(addr: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(addr).expect("the server listens");
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server closes the connection");
        answer
    }

    #[test]
    fn a_request_goes_through_and_the_port_is_free_afterwards() {
        let router = Router::new().at("/echo", |request| {
            let body = format!("{} {} {:?}", request.method, request.query, request.header("x-test"));
            Response::new(201).body("text/plain", body)
        });
        let server = Server::start(router).expect("a free port");
        let addr = server.addr;
        let answer =
            raw(addr, "GET /echo?a=%20b HTTP/1.1\r\nHost: x\r\nX-Test: yes\r\nConnection: close\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        assert!(answer.contains("Cache-Control: no-store"), "{answer}");
        assert!(answer.ends_with("GET a=%20b Some(\"yes\")"), "{answer}");

        let missing = raw(addr, "GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");

        let taken = Server::start_on(addr.port(), Router::new()).expect_err("the port is taken");
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);

        drop(server);
        // The server library closes its socket a moment later, on a thread of its own.
        let gone = (0..200).any(|_| {
            thread::sleep(std::time::Duration::from_millis(10));
            TcpStream::connect(addr).is_err()
        });
        assert!(gone, "the server still listens");
    }

    #[test]
    fn a_slow_handler_delays_nobody_else() {
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Mutex::new(wait);
        let router = Router::new()
            .at("/slow", move |_| {
                let _ = wait.lock().map(|wait| wait.recv());
                Response::html("slow")
            })
            .at("/quick", |_| Response::html("quick"));
        let server = Server::start(router).expect("a free port");
        let addr = server.addr;
        let slow =
            thread::spawn(move || raw(addr, "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        assert!(raw(addr, "GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ends_with("quick"));
        release.send(()).expect("the slow handler waits");
        assert!(slow.join().expect("no panic").ends_with("slow"));
    }
}
