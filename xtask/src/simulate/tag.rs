//! A publisher's tag, as it stands on a page or as bare attributes: the names and the texts of its settings. What they
//! mean is the core's to say.

use super::rules::flat;

/// Settings as they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The tag's `data-` attributes, in order, with their `data-`.
    pub attributes: Vec<(String, String)>,
    /// The JSON script of the page, flat, if there is one; empty where it could not be read.
    pub json: Option<Vec<(String, String)>>,
}

impl Tag {
    /// Reads a page with the tag on it, the tag alone, or its attributes alone. `None` where there is no `data-` attribute
    /// and no JSON script.
    pub(crate) fn read(text: &str) -> Option<Tag> {
        let mut tag = Tag::default();
        let mut rest = text;
        let mut is_found = false;
        while let Some((_, from)) = rest.split_once("<script") {
            let (attributes, after) = attributes(from);
            rest = after;
            let has = |name: &str| attributes.iter().any(|(known, _)| known == name);
            let is_ours = attributes.iter().any(|(name, value)| name == "src" && value.contains("tollgate"));
            if has("data-tollgate-config") {
                let body = after.split_once("</script").map_or(after, |(body, _)| body);
                tag.json = Some(flat(body));
            } else if is_ours && !is_found {
                is_found = true;
                tag.attributes = settings(attributes);
            }
        }
        if !text.contains("<script") {
            tag.attributes = settings(attributes(text).0);
        }
        (!tag.attributes.is_empty() || tag.json.is_some()).then_some(tag)
    }
}

/// Those of the attributes that could be settings.
fn settings(attributes: Vec<(String, String)>) -> Vec<(String, String)> {
    attributes.into_iter().filter(|(name, _)| name.starts_with("data-")).collect()
}

/// The attributes up to the end of a tag, and what follows behind it.
fn attributes(text: &str) -> (Vec<(String, String)>, &str) {
    let mut attributes = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '/');
        if rest.is_empty() {
            return (attributes, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (attributes, after);
        }
        let is_end = |letter: char| letter.is_whitespace() || matches!(letter, '=' | '>' | '/');
        // At least one character, so that there is an end to it.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[first..].find(is_end).map_or(rest.len(), |end| first + end);
        let (name, after) = rest.split_at(end);
        rest = after;
        let mut value = "";
        if let Some(after) = rest.trim_start().strip_prefix('=') {
            let after = after.trim_start();
            let quoted = ['"', '\''].into_iter().find_map(|quote| Some((quote, after.strip_prefix(quote)?)));
            (value, rest) = match quoted {
                Some((quote, after)) => after.split_once(quote).unwrap_or((after, "")),
                None => after.split_at(
                    after.find(|letter: char| letter.is_whitespace() || letter == '>').unwrap_or(after.len()),
                ),
            };
        }
        attributes.push((name.to_lowercase(), decoded(value)));
    }
}

/// The character references that a setting is likely to have.
fn decoded(text: &str) -> String {
    let known =
        [("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">")];
    let text = known.into_iter().fold(text.to_owned(), |text, (written, meant)| text.replace(written, meant));
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_tag_is_read_from_a_page_by_itself_or_as_attributes() {
        let expected =
            pairs(&[("data-limit", "3"), ("data-steps", "notice > 2 & \"more\""), ("data-site", "")]);
        let attributes =
            "data-limit=3 data-steps=\"notice &gt; 2 &amp; &quot;more&quot;\"\n data-site class='a'";
        assert_eq!(Tag::read(attributes).expect("attributes").attributes, expected);
        let tag = format!("<script async src=\"/tollgate.js\" {attributes}></script>");
        assert_eq!(Tag::read(&tag).expect("a tag").attributes, expected);
        let page = format!("<html data-limit=9><script src=other.js data-limit=8>x</script>{tag}<p>text");
        assert_eq!(Tag::read(&page).expect("a page").attributes, expected);
        for nothing in ["", "a file that is not there", "<p>text</p>", "<script src=/tollgate.js></script>"] {
            assert_eq!(Tag::read(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_json_script_is_read_too() {
        let page = "<script type=\"application/json\" data-tollgate-config>\
                    {\"limit\": 2, \"steps\": [{\"surface\": \"notice\", \"dismissible\": true}]}</script>";
        let entries = pairs(&[
            (".", "map"),
            ("limit", "2"),
            ("steps.", "list"),
            ("steps.0.", "map"),
            ("steps.0.dismissible", "true"),
            ("steps.0.surface", "notice"),
        ]);
        assert_eq!(Tag::read(page).expect("a script").json, Some(entries));
        assert_eq!(
            Tag::read("<script data-tollgate-config>{</script>").expect("a script").json,
            Some(vec![])
        );
    }
}
