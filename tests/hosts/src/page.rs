//! The pages of the test sites, built from parts: real HTML, served over the loopback address.

use std::fmt::Write as _;
use tollgate_serve::Response;

/// The tag of the main job, as a publisher would paste it: the attributes.
pub(crate) const SEED: &str = r#"data-site="meridian" data-publication="The Meridian"
  data-limit="1" data-period="month"
  data-content="article .body" data-teaser="3p"
  data-currency="USD"
  data-plans="Free trial: 30d free then 2.90/month | Annual access [best value]: 19.90/year"
  data-benefits="Exclusive coverage | Ad-free reading [new] | Weekly magazine [new] | 9 newsletters | The archive"
  data-subscribe-url="/subscribe?plan={plan}&return={return_url}"
  data-login-url="/login?return={return_url}""#;

/// The seed tag with one attribute set to another value (or added). The value is written into a double-quoted
/// attribute, with `&`, `"` and `<` escaped.
pub(crate) fn seed_with(attribute: &str, value: &str) -> String {
    with(SEED, attribute, value)
}

fn with(tag: &str, attribute: &str, value: &str) -> String {
    let written = format!("{attribute}=\"{}\"", escaped(value));
    match tag.split_once(&format!("{attribute}=\"")) {
        Some((head, rest)) => {
            let tail = rest.split_once('"').map_or("", |(_, tail)| tail);
            format!("{head}{written}{tail}")
        }
        None => format!("{tag}\n  {written}"),
    }
}

/// The seed tag with several attributes set.
pub(crate) fn seed_with_all(attributes: &[(&str, &str)]) -> String {
    attributes.iter().fold(SEED.to_owned(), |tag, (attribute, value)| with(&tag, attribute, value))
}

/// The seed tag without one of its attributes.
pub(crate) fn seed_without(attribute: &str) -> String {
    match SEED.split_once(&format!("{attribute}=\"")) {
        Some((head, rest)) => format!("{head}{}", rest.split_once('"').map_or("", |(_, tail)| tail)),
        None => SEED.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// How a page names its own address.
#[derive(Debug, Clone)]
enum Canonical {
    Own,
    None,
    Written(String),
}

/// A page in the making.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    slug: String,
    path: String,
    paragraphs: usize,
    article: bool,
    body: Option<String>,
    canonical: Canonical,
    before_tag: String,
    tag: String,
    last: String,
    html_attributes: String,
    body_attributes: String,
    style: bool,
    charset: &'static str,
    headers: Vec<(String, String)>,
}

impl Page {
    /// A story of eight paragraphs at `/story/<slug>`, with the seed tag. Each paragraph begins with a word of its
    /// own, `<slug>-paragraph-<n>.`, by which it is found again.
    pub(crate) fn article(slug: &str) -> Page {
        Page {
            slug: slug.into(),
            path: format!("/story/{slug}"),
            paragraphs: 8,
            article: true,
            body: None,
            canonical: Canonical::Own,
            before_tag: String::new(),
            tag: script(SEED),
            last: String::new(),
            html_attributes: String::new(),
            body_attributes: String::new(),
            style: true,
            charset: "utf-8",
            headers: Vec::new(),
        }
    }

    /// A page that is no article, at this path: a list of links to stories; with the seed tag.
    pub(crate) fn front(path: &str) -> Page {
        Page { path: path.into(), article: false, canonical: Canonical::None, ..Page::article("front") }
    }

    /// A page of the same site without our script.
    pub(crate) fn plain(path: &str) -> Page {
        Page { tag: String::new(), ..Page::front(path) }
    }

    /// Served at another path.
    pub(crate) fn at(mut self, path: &str) -> Page {
        self.path = path.into();
        self
    }

    /// With so many paragraphs.
    pub(crate) fn paragraphs(mut self, count: usize) -> Page {
        self.paragraphs = count;
        self
    }

    /// With these attributes on our tag instead of the seed's.
    pub(crate) fn tag(self, attributes: &str) -> Page {
        let tag = script(attributes);
        self.tag_written(&tag)
    }

    /// With this markup in place of our tag.
    pub(crate) fn tag_written(mut self, markup: &str) -> Page {
        self.tag = markup.into();
        self
    }

    /// With this markup in the head, before our tag and after the witness.
    pub(crate) fn before_tag(mut self, markup: &str) -> Page {
        self.before_tag.push_str(markup);
        self
    }

    /// With this markup at the end of the body.
    pub(crate) fn last(mut self, markup: &str) -> Page {
        self.last.push_str(markup);
        self
    }

    /// With this markup between header and footer, instead of the article.
    pub(crate) fn body(mut self, markup: &str) -> Page {
        self.body = Some(markup.into());
        self
    }

    /// Without a canonical address.
    pub(crate) fn no_canonical(mut self) -> Page {
        self.canonical = Canonical::None;
        self
    }

    /// With this canonical address.
    pub(crate) fn canonical(mut self, address: &str) -> Page {
        self.canonical = Canonical::Written(address.into());
        self
    }

    /// With attributes on `<html>`, such as `lang="de"`.
    pub(crate) fn html_attributes(mut self, attributes: &str) -> Page {
        self.html_attributes = attributes.into();
        self
    }

    /// With attributes on `<body>`.
    pub(crate) fn body_attributes(mut self, attributes: &str) -> Page {
        self.body_attributes = attributes.into();
        self
    }

    /// Without a style sheet of its own, for pages whose policy would refuse it.
    pub(crate) fn no_style(mut self) -> Page {
        self.style = false;
        self
    }

    /// In another encoding. (All that we write into pages is ASCII.)
    pub(crate) fn charset(mut self, charset: &'static str) -> Page {
        self.charset = charset;
        self
    }

    /// With a response header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Page {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With a Content-Security-Policy header.
    pub(crate) fn policy(self, policy: &str) -> Page {
        self.header("Content-Security-Policy", policy)
    }

    /// Where it is served.
    pub(crate) fn path(&self) -> String {
        self.path.clone()
    }

    /// The page as the server sends it. It may be kept for the back button (no `no-store`).
    pub(crate) fn response(&self, origin: &str) -> Response {
        let response = Response::new(200)
            .body(&format!("text/html; charset={}", self.charset), self.html(origin))
            .header("Cache-Control", "no-cache");
        self.headers.iter().fold(response, |response, (name, value)| response.header(name, value))
    }

    fn html(&self, origin: &str) -> String {
        let language = if self.html_attributes.contains("lang=") { "" } else { " lang=\"en\"" };
        let mut html = format!(
            "<!doctype html>\n<html{language} {} data-paragraphs=\"{}\"><head><meta charset=\"{}\">\n\
             <script nonce=\"tollgate\" src=\"/witness.js\"></script>\n<title>Story {}</title>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
            self.html_attributes, self.paragraphs, self.charset, self.slug
        );
        match &self.canonical {
            Canonical::Own => {
                let _ = writeln!(html, "<link rel=\"canonical\" href=\"{origin}{}\">", self.path);
            }
            Canonical::Written(address) => {
                let _ = writeln!(html, "<link rel=\"canonical\" href=\"{address}\">");
            }
            Canonical::None => {}
        }
        if self.style {
            html.push_str(
                "<style>body { font: 18px/1.6 serif; margin: 0 auto; max-width: 40em } p { min-height: 6em }</style>\n",
            );
        }
        html.push_str(&self.before_tag);
        html.push_str(&self.tag);
        let _ = write!(
            html,
            "</head>\n<body {}>\n<header><a id=\"home\" href=\"/\">The Test Post</a> <button id=\"host-button\">Menu</button></header>\n",
            self.body_attributes
        );
        match &self.body {
            Some(markup) => html.push_str(markup),
            None if self.article => html.push_str(&self.article_html()),
            None => html.push_str(
                "<main><ul><li><a href=\"/story/first\">First</a><li><a href=\"/story/second\">Second</a></ul></main>\n",
            ),
        }
        html.push_str("<footer id=\"footer\">\n");
        // Enough below the story that every page can be scrolled, with or without a style sheet.
        for line in 1..=60 {
            let _ = writeln!(html, "<p>Footer line {line}</p>");
        }
        html.push_str("</footer>\n");
        html.push_str(&self.last);
        html.push_str("</body></html>\n");
        html
    }

    /// The story: a heading and the paragraphs, the fifth with an emphasis and a link inside.
    pub(crate) fn article_html(&self) -> String {
        let slug = &self.slug;
        let mut html = format!("<main><article><h1>The {slug} story</h1>\n<div class=\"body\">\n");
        for n in 1..=self.paragraphs {
            let inside =
                if n == 5 { " with <em>weight</em> and <a href=\"/story/other\">a link</a>" } else { "" };
            let _ = writeln!(
                html,
                "<p id=\"p{n}\">{slug}-paragraph-{n}. It was a plain day{inside}, and the town went about its work as it \
                 had done for years: the baker first, then the post, then the school bell, each in its own time.</p>"
            );
        }
        html.push_str("</div></article></main>\n");
        html
    }
}

/// Our tag with these attributes.
pub(crate) fn script(attributes: &str) -> String {
    format!("<script async src=\"/tollgate.js\"\n  {attributes}></script>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_attribute_of_the_seed_tag_is_replaced_added_or_left_out() {
        assert!(seed_with("data-limit", "3").contains("data-limit=\"3\" data-period=\"month\""));
        assert!(seed_with("data-locale", "<\"&").ends_with("data-locale=\"&lt;&quot;&amp;\""));
        assert!(!seed_without("data-plans").contains("19.90"));
        assert!(seed_without("data-plans").contains("data-benefits"));
        assert_eq!(seed_without("data-none"), SEED);
    }
}
