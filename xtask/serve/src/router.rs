//! Which handler answers which path.

use crate::{Folder, Request, Response};

type Handler = Box<dyn Fn(&Request) -> Option<Response> + Send + Sync>;

/// A table of paths and their handlers. Exact paths come before mounted folders and prefixes; among those the
/// earlier one that has an answer wins. What nobody answers is a 404.
#[derive(Default)]
pub struct Router {
    exact: Vec<(String, Handler)>,
    prefixes: Vec<(String, Handler)>,
}

impl Router {
    /// A table without entries.
    pub fn new() -> Router {
        Router::default()
    }

    /// Answers this path, and no other, with a handler. The handler may take its time: it delays nobody else.
    #[must_use]
    pub fn at(
        mut self,
        path: &str,
        handler: impl Fn(&Request) -> Response + Send + Sync + 'static,
    ) -> Router {
        self.exact.push((path.to_owned(), Box::new(move |request| Some(handler(request)))));
        self
    }

    /// Answers every path that begins with `prefix` by a handler, which may decline with `None`.
    #[must_use]
    pub fn under(
        mut self,
        prefix: &str,
        handler: impl Fn(&Request) -> Option<Response> + Send + Sync + 'static,
    ) -> Router {
        self.prefixes.push((prefix.to_owned(), Box::new(handler)));
        self
    }

    /// Serves a folder's files under `prefix`, which ends in `/`.
    #[must_use]
    pub fn mount(self, prefix: &str, folder: Folder) -> Router {
        let skip = prefix.len();
        self.under(prefix, move |request| folder.respond(request.path.get(skip..)?, request))
    }

    /// The response for a request.
    pub fn respond(&self, request: &Request) -> Response {
        let exact = self.exact.iter().filter(|(path, _)| *path == request.path);
        let prefixes = self.prefixes.iter().filter(|(prefix, _)| request.path.starts_with(prefix.as_str()));
        exact
            .chain(prefixes)
            .find_map(|(_, handler)| handler(request))
            .unwrap_or_else(|| Response::not_found(&request.path))
    }
}

impl std::fmt::Debug for Router {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let paths = self.exact.iter().map(|(path, _)| path.clone());
        let prefixes = self.prefixes.iter().map(|(prefix, _)| format!("{prefix}*"));
        f.debug_list().entries(paths.chain(prefixes)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(router: &Router, target: &str) -> String {
        String::from_utf8_lossy(&router.respond(&Request::get(target)).body).into_owned()
    }

    #[test]
    fn exact_paths_come_first_then_prefixes_in_order() {
        let router = Router::new()
            .under("/a/", |request| (request.path == "/a/second").then(|| Response::html("first prefix")))
            .under("/a/", |_| Some(Response::html("second prefix")))
            .at("/a/one", |request| Response::html(format!("exact {}", request.query)));
        assert_eq!(body(&router, "/a/one?x=1"), "exact x=1");
        assert_eq!(body(&router, "/a/second"), "first prefix");
        assert_eq!(body(&router, "/a/third"), "second prefix");
        assert_eq!(router.respond(&Request::get("/b")).status, 404);
    }
}
