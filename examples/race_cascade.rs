//! Scratch.
fn cpu() -> f64 { std::fs::read_to_string("/proc/self/schedstat").unwrap().split(' ').next().unwrap().parse::<f64>().unwrap()*1e-9 }
use tillit::measure::Probability;
use tillit::word_of_mouth::network::*;
fn main() {
    let n = EdgeList::new().with_ids(Ids::NumbersBelow(15233)).open("/tmp/net/in/nethept.arcs.txt").unwrap();
    let seeds = n.most_connected(50);
    for (name, c) in [("p01", Cascade::uniform(&n, Probability::new(0.01).unwrap())), ("wc", Cascade::weighted(&n)), ("p1", Cascade::uniform(&n, Probability::new(0.1).unwrap()))] {
        for m in [Method::Skips, Method::Lanes] {
            for control in [false, true] {
                let worlds = if name == "p01" { 200_000 } else { 65536 };
                let mut e = Effort::worlds(7, worlds).with_method(m);
                if !control { e = e.without_control(); }
                let t = cpu();
                let Ok(s) = c.spread(&seeds, &e) else { continue };
                let dt = cpu() - t;
                println!("{name} {m:?} control {control}: {:.3} ± {:.4} sd {:.3} {} worlds {:.3}s {:.0}k/s; to .1%: {:.3} ms", s.value, s.standard_error, s.standard_error*(s.worlds as f64).sqrt(), s.worlds, dt, s.worlds as f64/dt/1e3, 1e3*dt*(s.standard_error/s.value/1e-3).powi(2));
            }
        }
    }
}
