//! The order table of a simulated shop.

use std::fmt::{self, Write as _};

use chrono::NaiveDate;

use crate::measure::{Money, Timestamp};

/// How far an order got by the end of observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum OrderStatus {
    /// Arrived.
    Delivered,
    /// On its way when observation ended.
    Shipped,
    /// Called off; it never arrives, and nobody is asked about it.
    Canceled,
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delivered => "delivered",
            Self::Shipped => "shipped",
            Self::Canceled => "canceled",
        })
    }
}

/// One order as a shop's table would hold it. Days are UTC days.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SimulatedOrder {
    /// `o00001` and so on, in order of purchase.
    pub order: String,
    /// `c00001` and so on.
    pub customer: String,
    /// Where the customer lives.
    pub region: String,
    /// What was bought.
    pub category: String,
    /// Who sold it.
    pub seller: String,
    /// How far it got.
    pub status: OrderStatus,
    /// When it was bought.
    pub purchased_at: Timestamp,
    /// The day by whose end it was promised.
    pub promised_date: NaiveDate,
    /// When it arrived, if it has.
    pub delivered_at: Option<Timestamp>,
    /// What was paid.
    pub paid: Money,
    /// The day the survey was sent, if one was.
    pub asked_date: Option<NaiveDate>,
    /// The answer, from 1 to 5, if one came.
    pub score: Option<u8>,
    /// When the answer came.
    pub answered_at: Option<Timestamp>,
}

impl SimulatedOrder {
    /// Calendar days from the promised day to the day of delivery; negative means early, `None` not yet delivered.
    #[must_use]
    pub fn days_late(&self) -> Option<i64> {
        let day = self.delivered_at?.to_utc()?.date_naive();
        Some(day.signed_duration_since(self.promised_date).num_days())
    }
}

/// All orders of a simulated shop, by time of purchase.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SimulatedOrders {
    pub(super) orders: Vec<SimulatedOrder>,
    pub(super) observed_until: Timestamp,
}

impl SimulatedOrders {
    /// The orders, by time of purchase.
    #[must_use]
    pub fn orders(&self) -> &[SimulatedOrder] {
        &self.orders
    }

    /// When observation ended: nothing later is in the table.
    #[must_use]
    pub fn observed_until(&self) -> Timestamp {
        self.observed_until
    }

    /// A CSV table with a header; times are UTC without an offset, absent values are empty, amounts are in major units.
    ///
    /// Columns: `order_id`, `customer`, `region`, `category`, `seller`, `status`, `purchased_at`, `promised_date`,
    /// `delivered_at`, `paid_value`, `asked_date`, `score`, `answered_at`.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = String::from(
            "order_id,customer,region,category,seller,status,purchased_at,promised_date,delivered_at,paid_value,\
             asked_date,score,answered_at\n",
        );
        for order in &self.orders {
            let paid = order.paid.to_string();
            let amount = paid.split(' ').next().unwrap_or_default();
            // Writing into a String cannot fail.
            let _ = writeln!(
                text,
                "{},{},{},{},{},{},{},{},{},{},{},{},{}",
                order.order,
                order.customer,
                order.region,
                order.category,
                order.seller,
                order.status,
                wall_clock(Some(order.purchased_at)),
                order.promised_date,
                wall_clock(order.delivered_at),
                amount,
                or_empty(order.asked_date),
                or_empty(order.score),
                wall_clock(order.answered_at),
            );
        }
        text
    }
}

fn wall_clock(moment: Option<Timestamp>) -> String {
    moment
        .and_then(Timestamp::to_utc)
        .map(|utc| utc.format("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

fn or_empty(value: Option<impl fmt::Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
