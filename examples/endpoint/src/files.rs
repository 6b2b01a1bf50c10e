//! The site's own files, and the demo newspaper's tag made one of a publisher with a server.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use std::path::{Component, Path, PathBuf};

/// What takes the place of the demo's own session, which knows of no server.
pub const SESSION: &str = "// Who is reading is said by the endpoint: this only shows it in the masthead.\n\
for (const name of ['granted', 'denied']) {\n\
  document.addEventListener('tollgate:' + name, ({ detail }) => {\n\
    if (detail.tier === 'subscriber') document.documentElement.setAttribute('data-reader', 'subscriber');\n\
    else document.documentElement.removeAttribute('data-reader');\n\
  });\n\
}\n";

/// The file of a path in one of the folders; in pages the demo's tag has these attributes besides.
pub async fn serve(folders: &[PathBuf], path: &str, attributes: &str) -> Response {
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
        let body = if kind.starts_with("text/html") {
            Body::from(with_endpoint(&String::from_utf8_lossy(&bytes), attributes))
        } else {
            Body::from(bytes)
        };
        return ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], body).into_response();
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

/// The demo's page with this endpoint's addresses in its tag and its links.
fn with_endpoint(page: &str, attributes: &str) -> String {
    page.replace("/subscribe.html", "/subscribe").replace("/login.html", "/login").replace(
        "<script async src=\"/tollgate.js\"",
        &format!("<script async src=\"/tollgate.js\"\n  {attributes}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_tag_becomes_a_publishers_with_a_server() {
        let page = "<script async src=\"/tollgate.js\"\n  data-subscribe-url=\"/subscribe.html?plan={plan}\"></script>";
        assert_eq!(
            with_endpoint(page, "data-x=\"1\""),
            "<script async src=\"/tollgate.js\"\n  data-x=\"1\"\n  data-subscribe-url=\"/subscribe?plan={plan}\"></script>"
        );
    }

    #[tokio::test]
    async fn nothing_outside_the_folders_is_served() {
        let folder = std::env::temp_dir().join(format!("endpoint-files-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("in")).expect("a folder");
        std::fs::write(folder.join("secret.txt"), "secret").expect("a file");
        std::fs::write(folder.join("in/open.txt"), "open").expect("a file");
        std::fs::write(folder.join("in/.hidden"), "hidden").expect("a file");
        let folders = [folder.join("in")];
        assert_eq!(serve(&folders, "/open.txt", "").await.status(), StatusCode::OK);
        for path in [
            "/../secret.txt",
            "/./../secret.txt",
            "/.hidden",
            "//etc/passwd",
            "/a/../../secret.txt",
            "/..\\secret.txt",
        ] {
            assert_eq!(serve(&folders, path, "").await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        std::fs::remove_dir_all(folder).expect("gone");
    }
}
