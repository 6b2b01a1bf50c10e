//! What comes in and what goes out: one request and its response, free of the server library's types.

use std::path::Path;

/// What the browser asked.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The address's path, percent-decoded, beginning with `/`.
    pub path: String,
    /// What follows the `?`, as it was sent; empty if there is none.
    pub query: String,
    /// Header names, in small letters, and their values.
    pub headers: Vec<(String, String)>,
    /// The body; empty for most requests.
    pub body: Vec<u8>,
}

impl Request {
    /// A GET for this target (a path, perhaps with a query), as a browser would send it.
    pub fn get(target: &str) -> Request {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Request {
            method: "GET".into(),
            path: percent_decode(path),
            query: query.into(),
            ..Request::default()
        }
    }

    /// The value of the first header of this name (in small letters).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What the server answers.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// Header names and values, in the order they are sent.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Response {
    /// An empty response of this status.
    pub fn new(status: u16) -> Response {
        Response { status, headers: Vec::new(), body: Vec::new() }
    }

    /// A page of HTML, status 200.
    pub fn html(body: impl Into<Vec<u8>>) -> Response {
        Response::new(200).body("text/html; charset=utf-8", body)
    }

    /// The bytes of a file, status 200, typed by the file's name.
    pub fn file(name: &Path, body: impl Into<Vec<u8>>) -> Response {
        Response::new(200).body(crate::content_type(name), body)
    }

    /// 404 with a short page that names the path.
    pub fn not_found(path: &str) -> Response {
        Response::new(404).body("text/plain; charset=utf-8", format!("Not here: {path}\n"))
    }

    /// 302 to another address.
    pub fn redirect(address: &str) -> Response {
        Response::new(302).header("Location", address)
    }

    /// The same response with a body of this type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
        self.body = body.into();
        self.header("Content-Type", content_type)
    }

    /// The same response with this header; an earlier value of the same name is replaced.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Response {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Decodes `%41` to `A`. A malformed escape stays as it is; bytes that are not UTF-8 become U+FFFD.
pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_malformed_ones_are_kept() {
        assert_eq!(percent_decode("/caf%C3%A9/%2e%2E"), "/café/..");
        assert_eq!(percent_decode("/100%/%4/%zz/%+1"), "/100%/%4/%zz/%+1");
        assert_eq!(percent_decode("/é%"), "/é%");
    }

    #[test]
    fn a_later_header_replaces_an_earlier_one() {
        let response = Response::html("x").header("content-type", "application/wasm");
        assert_eq!(response.headers, [("content-type".to_owned(), "application/wasm".to_owned())]);
    }
}
