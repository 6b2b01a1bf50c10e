//! Subscriptions, the customers that payment services know, and their events, each of which counts once.

use super::Store;
use anyhow::Result;
use sqlx::AnyConnection;
use sqlx::{Any, Row as _, Transaction};

/// What is known of a subscription from one event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// The payment service's name for it.
    pub reference: String,
    /// The account, if the event says it.
    pub account: String,
    /// The payment service's name for the reader, if the event says it.
    pub customer: String,
    /// The plan's id, if the event says it.
    pub plan: String,
    /// Until when it holds, in seconds since 1970.
    pub ends: i64,
    /// Whether it replaces an end that is later: the service says that it has changed. What only says that something was paid does not.
    pub is_final: bool,
    /// Whether it has ended for good.
    pub has_ended: bool,
    /// When the service said it, in seconds since 1970. Events come in any order: an older one changes nothing that a newer one has said.
    pub told: i64,
}

/// One event of a payment service, carried out as a whole or not at all.
pub(crate) struct Event {
    whole: Transaction<'static, Any>,
}

impl Store {
    /// Gives an account a plan until a time, of which no payment service knows.
    ///
    /// # Errors
    /// See [`Store::add_account`].
    pub async fn subscribe(&self, account: &str, plan: &str, ends: i64, now: i64) -> Result<()> {
        let paid = Paid {
            reference: format!("own:{account}:{plan}"),
            account: account.into(),
            plan: plan.into(),
            ends,
            is_final: true,
            told: now,
            ..Paid::default()
        };
        let mut whole = self.pool.begin().await?;
        note(&mut whole, &paid).await?;
        whole.commit().await?;
        Ok(())
    }

    /// Whether there is such an account.
    pub(crate) async fn has_account(&self, account: &str) -> Result<bool> {
        let row = sqlx::query("SELECT COUNT(*) FROM accounts WHERE id = $1")
            .bind(account)
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get::<i64, _>(0)? > 0)
    }

    /// Begins an event; `None` if it was carried out before.
    pub(crate) async fn begin_event(&self, id: &str, now: i64) -> Result<Option<Event>> {
        let mut whole = self.pool.begin().await?;
        // Where another instance is at the same event, this waits until that has ended.
        let added = sqlx::query("INSERT INTO events (id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(now)
            .execute(&mut *whole)
            .await?;
        Ok((added.rows_affected() == 1).then_some(Event { whole }))
    }
}

impl Event {
    /// Remembers whose account a customer has; what was paid by this customer before is that account's from now on.
    pub(crate) async fn is_customer(&mut self, customer: &str, account: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO customers (customer, account) VALUES ($1, $2) \
             ON CONFLICT (customer) DO UPDATE SET account = excluded.account",
        )
        .bind(customer)
        .bind(account)
        .execute(&mut *self.whole)
        .await?;
        sqlx::query("UPDATE subscriptions SET account = $2 WHERE customer = $1 AND account = ''")
            .bind(customer)
            .bind(account)
            .execute(&mut *self.whole)
            .await?;
        Ok(())
    }

    /// Notes what is known of a subscription.
    pub(crate) async fn note(&mut self, paid: &Paid) -> Result<()> {
        let mut paid = paid.clone();
        if paid.account.is_empty() && !paid.customer.is_empty() {
            let row = sqlx::query("SELECT account FROM customers WHERE customer = $1")
                .bind(&paid.customer)
                .fetch_optional(&mut *self.whole)
                .await?;
            paid.account = row.map(|row| row.try_get(0)).transpose()?.unwrap_or_default();
        }
        note(&mut self.whole, &paid).await
    }

    /// The event is carried out.
    pub(crate) async fn end(self) -> Result<()> {
        self.whole.commit().await?;
        Ok(())
    }
}

/// Notes what is known of a subscription. What has ended for good stays so; what an older event says of a time counts if it only adds.
async fn note(connection: &mut AnyConnection, paid: &Paid) -> Result<()> {
    sqlx::query(
        "INSERT INTO subscriptions (reference, account, customer, plan, ends, has_ended, told) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (reference) DO UPDATE SET \
         account = CASE WHEN excluded.account = '' THEN subscriptions.account ELSE excluded.account END, \
         customer = CASE WHEN excluded.customer = '' THEN subscriptions.customer ELSE excluded.customer END, \
         plan = CASE WHEN excluded.plan = '' THEN subscriptions.plan ELSE excluded.plan END, \
         ends = CASE \
           WHEN subscriptions.has_ended <> 0 THEN subscriptions.ends \
           WHEN excluded.has_ended <> 0 THEN excluded.ends \
           WHEN $8 <> 0 AND excluded.told >= subscriptions.told THEN excluded.ends \
           WHEN $8 = 0 AND excluded.ends > subscriptions.ends AND $9 >= subscriptions.told THEN excluded.ends \
           ELSE subscriptions.ends END, \
         has_ended = CASE WHEN excluded.has_ended <> 0 THEN excluded.has_ended ELSE subscriptions.has_ended END, \
         told = CASE WHEN $8 <> 0 AND excluded.told > subscriptions.told THEN excluded.told ELSE subscriptions.told END",
    )
    .bind(&paid.reference)
    .bind(&paid.account)
    .bind(&paid.customer)
    .bind(&paid.plan)
    .bind(paid.ends)
    .bind(i64::from(paid.has_ended))
    .bind(if paid.is_final { paid.told } else { 0 })
    .bind(i64::from(paid.is_final))
    .bind(paid.told)
    .execute(connection)
    .await?;
    Ok(())
}
