//! The site's own files, and the demo newspaper's tag made one of a publisher with a server.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use std::path::{Component, Path, PathBuf};

/// What takes the place of the demo's own session, which knows of no server.
pub const SESSION: &str = include_str!("session.js");

/// Who reads a page: what is written on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader<'a> {
    /// Nobody who is known.
    Anonymous,
    /// One with an account.
    Registered,
    /// One who has subscribed this plan.
    Subscriber(&'a str),
}

/// The file of a path in one of the folders; in pages the demo's tag has these attributes besides, and its masthead knows who reads.
pub async fn serve(folders: &[PathBuf], path: &str, attributes: &str, reader: Reader<'_>) -> Response {
    let path = path.trim_start_matches('/');
    let path =
        if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    // Nothing above a folder, nothing hidden.
    let relative = Path::new(&path);
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(name) if !name.to_string_lossy().starts_with('.'));
    if !relative.components().all(is_plain) || path.contains(['\\', '\0']) {
        return StatusCode::NOT_FOUND.into_response();
    }
    for folder in folders {
        let Ok(bytes) = tokio::fs::read(folder.join(relative)).await else { continue };
        let kind = kind(relative);
        if !kind.starts_with("text/html") {
            let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")];
            return (headers, Body::from(bytes)).into_response();
        }
        let page = with_endpoint(&String::from_utf8_lossy(&bytes), attributes, reader);
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "private, no-cache"),
            (header::VARY, "Cookie"),
        ];
        return (headers, page).into_response();
    }
    (StatusCode::NOT_FOUND, "Not here").into_response()
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("wasm") => "application/wasm",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The demo's page with this endpoint's addresses in its tag and its links. A page without the tag, or that names an endpoint itself, stays as
/// it is.
fn with_endpoint(page: &str, attributes: &str, reader: Reader<'_>) -> String {
    const TAG: &str = "<script async src=\"/tollgate.js\"";
    const LOG_IN: &str = "<li class=\"for-anonymous\"><a href=\"/login";
    if !page.contains(TAG) || page.contains("data-entitlement-url") {
        return page.to_owned();
    }
    let page = page
        .replace("/subscribe.html", "/subscribe")
        .replace("/login.html", "/login")
        .replace(TAG, &format!("{TAG}\n  {attributes}"))
        .replace(">You are a subscriber<", "><a href=\"/account\">Your account</a><");
    match reader {
        Reader::Anonymous => page,
        // Who has an account need not log in.
        Reader::Registered => page.replace(
            LOG_IN,
            "<li><a href=\"/account\">Your account</a></li>\n      <li hidden><a href=\"/login",
        ),
        Reader::Subscriber(plan) => {
            let plan = crate::pages::escaped(plan);
            page.replacen("<html ", &format!("<html data-reader=\"subscriber\" data-plan=\"{plan}\" "), 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_tag_becomes_a_publishers_with_a_server() {
        let page = "<html lang=\"en\">\n<li class=\"for-anonymous\"><a href=\"/login.html\">Log in</a></li>\n\
                    <script async src=\"/tollgate.js\"\n  data-subscribe-url=\"/subscribe.html?plan={plan}\"></script>";
        let tag = "<script async src=\"/tollgate.js\"\n  data-x=\"1\"\n  data-subscribe-url=\"/subscribe?plan={plan}\"></script>";
        let made = |reader| with_endpoint(page, "data-x=\"1\"", reader);
        assert_eq!(
            made(Reader::Anonymous),
            format!(
                "<html lang=\"en\">\n<li class=\"for-anonymous\"><a href=\"/login\">Log in</a></li>\n{tag}"
            )
        );
        assert!(made(Reader::Registered).contains("<a href=\"/account\">Your account</a>"));
        assert!(
            made(Reader::Subscriber("\">year"))
                .starts_with("<html data-reader=\"subscriber\" data-plan=\"&quot;&gt;year\" lang=\"en\">")
        );
        // A publisher's own page is the publisher's.
        let own =
            "<html lang=\"en\"><script async src=\"/tollgate.js\" data-entitlement-url=\"/who\"></script>";
        assert_eq!(with_endpoint(own, "data-x=\"1\"", Reader::Subscriber("year")), own);
    }

    #[tokio::test]
    async fn nothing_outside_the_folders_is_served() {
        let folder = std::env::temp_dir().join(format!("endpoint-files-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("in")).expect("a folder");
        std::fs::write(folder.join("secret.txt"), "secret").expect("a file");
        std::fs::write(folder.join("in/open.txt"), "open").expect("a file");
        std::fs::write(folder.join("in/.hidden"), "hidden").expect("a file");
        let folders = [folder.join("in")];
        assert_eq!(serve(&folders, "/open.txt", "", Reader::Anonymous).await.status(), StatusCode::OK);
        for path in [
            "/../secret.txt",
            "/./../secret.txt",
            "/.hidden",
            "//etc/passwd",
            "/a/../../secret.txt",
            "/..\\secret.txt",
        ] {
            assert_eq!(
                serve(&folders, path, "", Reader::Anonymous).await.status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        std::fs::remove_dir_all(folder).expect("gone");
    }
}
