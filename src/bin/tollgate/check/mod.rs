//! `tollgate check`: reads a page as a browser would that has the tag, and says all that is wrong with it: the tag, its settings, the article,
//! its address, its structured data, the policy, the files beside the script.

mod article;
mod files;
mod page;
mod policy;
mod report;
mod served;
mod settings;

use crate::{Failure, Outcome};
use clap::Args;
use page::Page;
use report::Report;
use served::Source;

/// Reads a page and its tag, and says what is wrong.
///
/// The page is read as it is served: what its scripts change is not seen. Of a page from the network, the script and the files beside it are
/// asked for, too.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tollgate check https://news.example/2026/frogs
  tollgate check public/2026/frogs/index.html --address https://news.example/2026/frogs/
  curl … | tollgate check - --address https://news.example/2026/frogs

Exit code: 0 nothing wrong, 1 something is, 2 the page could not be read.")]
pub(crate) struct Check {
    /// The page: an address (http or https), a file, or `-` for standard input.
    #[arg(value_name = "URL-OR-FILE")]
    page: String,
    /// Where the page will stand, for one that is read from a file.
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// Do not ask for the script and the files beside it.
    #[arg(long)]
    page_only: bool,
}

impl Check {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let source = Source::of(&self.page, self.address.as_deref())?;
        let page = Page::read(&source)?;
        let mut report = Report::of(&source);
        if let Some(tag) = page.tag(&mut report) {
            let configured = settings::check(&page, &tag, &mut report);
            article::check(&page, &configured, &mut report);
            policy::check(&page, &tag, &configured, &mut report);
            if !self.page_only {
                files::check(&source, &page, &tag, &configured, &mut report);
            }
        }
        Ok(report.outcome())
    }
}
