//! A folder of files as a part of a site: content types, index pages, and nothing from outside the folder.

use crate::{Request, Response};
use std::path::{Path, PathBuf};

/// A folder that answers with its files.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at this path. It is read at each request, so it may be filled later.
    pub fn new(root: impl Into<PathBuf>) -> Folder {
        Folder { root: root.into() }
    }

    /// The response for `path` (already without the mount's own prefix), or `None` if there is no such file.
    ///
    /// `/news/` answers with `news/index.html`, `/news` is sent on to `/news/`, and `/subscribe` answers with
    /// `subscribe.html` where there is no folder of that name, as static hosts do.
    pub(crate) fn respond(&self, path: &str, request: &Request) -> Option<Response> {
        if request.method != "GET" && request.method != "HEAD" {
            return None;
        }
        let found = self.resolve(path)?;
        if !found.is_dir() {
            return read(&found).or_else(|| read(&with_html(&found)?));
        }
        if path.is_empty() || path.ends_with('/') {
            return read(&found.join("index.html"));
        }
        if !found.join("index.html").is_file() {
            return read(&with_html(&found)?);
        }
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        Some(Response::redirect(&format!("{}/{query}", request.path)))
    }

    /// The file or folder that a path names, if it stays inside the root.
    fn resolve(&self, path: &str) -> Option<PathBuf> {
        let mut found = self.root.clone();
        for segment in path.split('/').filter(|segment| !segment.is_empty() && *segment != ".") {
            if segment == ".." || segment.contains(['\\', '\0', ':']) {
                return None;
            }
            found.push(segment);
        }
        Some(found)
    }
}

/// The same path with `.html` behind its last name.
fn with_html(path: &Path) -> Option<PathBuf> {
    Some(path.with_file_name(format!("{}.html", path.file_name()?.to_str()?)))
}

fn read(file: &Path) -> Option<Response> {
    std::fs::read(file).ok().map(|bytes| Response::file(file, bytes))
}

/// The content type of a file, by the ending of its name.
pub fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "txt" | "md" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "wasm" => "application/wasm",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for one test, gone when the test ends.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Scratch {
            let root = std::env::temp_dir().join(format!("tollgate-serve-{name}-{}", std::process::id()));
            for (file, text) in [
                ("site/index.html", "front"),
                ("site/news/index.html", "news"),
                ("site/subscribe.html", "subscribe"),
                ("site/app.js", "let x"),
                ("site/a file.svg", "<svg/>"),
                ("secret.txt", "secret"),
            ] {
                let file = root.join(file);
                std::fs::create_dir_all(file.parent().expect("in a folder")).expect("a writable temp folder");
                std::fs::write(file, text).expect("a writable temp folder");
            }
            Scratch(root)
        }

        fn get(&self, target: &str) -> Option<Response> {
            let request = Request::get(target);
            Folder::new(self.0.join("site")).respond(&request.path, &request)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn files_come_with_their_types() {
        let site = Scratch::new("types");
        let script = site.get("/app.js").expect("the script");
        assert_eq!(script.body, b"let x");
        assert_eq!(
            script.headers,
            [("Content-Type".to_owned(), "text/javascript; charset=utf-8".to_owned())]
        );
        assert_eq!(site.get("/a%20file.svg").expect("the drawing").body, b"<svg/>");
        assert_eq!(content_type(Path::new("x/tollgate.wasm")), "application/wasm");
        assert_eq!(content_type(Path::new("x/README")), "application/octet-stream");
    }

    #[test]
    fn folders_answer_with_their_index() {
        let site = Scratch::new("index");
        assert_eq!(site.get("/").expect("front page").body, b"front");
        assert_eq!(site.get("/news/").expect("section").body, b"news");
        let moved = site.get("/news?page=2").expect("a redirect");
        assert_eq!((moved.status, moved.headers[0].1.as_str()), (302, "/news/?page=2"));
        assert_eq!(
            site.get("/subscribe?plan=free-trial").expect("page without its ending").body,
            b"subscribe"
        );
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let site = Scratch::new("outside");
        for target in [
            "/../secret.txt",
            "/news/../../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/..%5csecret.txt",
        ] {
            assert!(site.get(target).is_none(), "{target} was served");
        }
    }

    #[test]
    fn what_is_not_there_is_not_served() {
        let site = Scratch::new("missing");
        assert!(site.get("/nothing.js").is_none());
        assert!(site.get("/app.js/x").is_none());
        let post = Request { method: "POST".into(), ..Request::get("/app.js") };
        assert!(Folder::new(site.0.join("site")).respond("/app.js", &post).is_none());
    }
}
