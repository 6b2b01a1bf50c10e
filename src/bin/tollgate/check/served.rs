//! Where a page comes from, and the files beside it: the network, or a folder.

use crate::Failure;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// The most that is read of a page or a file, in bytes.
const MOST: u64 = 10 * 1024 * 1024;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The address that a page has which is read from a file, if none is given.
const SOMEWHERE: &str = "https://site.example/";

/// What was got.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) bytes: Vec<u8>,
    /// The header `Content-Type`; `None` for a file.
    pub(super) kind: Option<String>,
    /// The headers, their names in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// Where it came from at last.
    pub(super) address: Option<Url>,
    pub(super) status: u16,
}

impl Answer {
    /// The values of a header.
    pub(super) fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Where the page is.
#[derive(Debug)]
pub(super) struct Source {
    page: Answer,
    /// What stands for the page in the report.
    name: String,
    /// Where the page stands, and whether somebody said so.
    pub(super) address: Url,
    pub(super) is_known: bool,
    /// The folder of a page that is a file.
    folder: Option<PathBuf>,
    agent: ureq::Agent,
}

impl Source {
    /// Gets the page.
    ///
    /// # Errors
    /// A sentence: it can't be had, or is none.
    pub(super) fn of(page: &str, address: Option<&str>) -> Result<Source, Failure> {
        let stated = match address {
            Some(address) => Some(Url::parse(address).ok().filter(Url::has_host).ok_or_else(|| {
                format!("--address {address}: not an address such as https://news.example/frogs")
            })?),
            None => None,
        };
        let agent = agent();
        let is_remote = page.starts_with("http://") || page.starts_with("https://");
        if is_remote {
            let asked = Url::parse(page).map_err(|error| format!("{page}: {error}"))?;
            let answer = get(&agent, &asked)?;
            if !(200..300).contains(&answer.status) {
                return Err(format!("{page}: the server answers {}", answer.status));
            }
            let address = stated.or_else(|| answer.address.clone()).unwrap_or(asked);
            return Ok(Source {
                page: answer,
                name: page.to_owned(),
                address,
                is_known: true,
                folder: None,
                agent,
            });
        }
        let (bytes, folder) = if page == "-" {
            (read(std::io::stdin(), "standard input")?, None)
        } else {
            let file = fs::File::open(page).map_err(|error| format!("{page}: {error}"))?;
            if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
                return Err(format!("{page}: a folder; name the page in it"));
            }
            (read(file, page)?, Path::new(page).parent().map(Path::to_path_buf))
        };
        let is_known = stated.is_some();
        let address = match stated {
            Some(address) => address,
            None => Url::parse(SOMEWHERE).map_err(|error| error.to_string())?,
        };
        let answer = Answer { bytes, status: 200, ..Answer::default() };
        Ok(Source { page: answer, name: page.to_owned(), address, is_known, folder, agent })
    }

    pub(super) fn page(&self) -> &Answer {
        &self.page
    }

    pub(super) fn name(&self) -> String {
        match self.is_known && self.address.as_str() != self.name {
            true => format!("{} at {}", self.name, self.address),
            false => self.name.clone(),
        }
    }

    /// Gets a file that the page names: by its address from the network; of a page that is a file, from its folder, where it is written
    /// relative to it. `None` where it is not to be looked for.
    pub(super) fn beside(&self, written: &str, address: &Url) -> Option<Result<Answer, Failure>> {
        if let Some(folder) = &self.folder {
            let is_relative = Url::parse(written).is_err() && !written.starts_with('/');
            let path = written.split(['?', '#']).next().unwrap_or("");
            return is_relative.then(|| {
                let file = folder.join(path);
                let bytes = fs::File::open(&file)
                    .map_err(|error| format!("{}: {error}", file.display()))
                    .and_then(|opened| read(opened, path))?;
                Ok(Answer { bytes, status: 200, ..Answer::default() })
            });
        }
        // Of standard input nothing is known.
        self.page.address.as_ref()?;
        matches!(address.scheme(), "http" | "https").then(|| get(&self.agent, address))
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .max_redirects(5)
        .user_agent(concat!("tollgate-check/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

fn get(agent: &ureq::Agent, address: &Url) -> Result<Answer, Failure> {
    use ureq::ResponseExt as _;
    let fault = |error: ureq::Error| format!("{address}: {error}");
    let mut response = agent.get(address.as_str()).call().map_err(fault)?;
    let headers: Vec<(String, String)> = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let kind = headers.iter().find(|(name, _)| name == "content-type").map(|(_, kind)| kind.clone());
    let at_last = Url::parse(&response.get_uri().to_string()).ok();
    let status = response.status().as_u16();
    let bytes = response.body_mut().with_config().limit(MOST).read_to_vec().map_err(fault)?;
    Ok(Answer {
        bytes,
        kind: Some(kind.unwrap_or_default()),
        headers,
        address: at_last.or_else(|| Some(address.clone())),
        status,
    })
}

fn read(from: impl std::io::Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| format!("{name}: {error}"))?;
    if bytes.len() as u64 > MOST {
        return Err(format!("{name}: more than {} MB", MOST / 1024 / 1024));
    }
    Ok(bytes)
}
