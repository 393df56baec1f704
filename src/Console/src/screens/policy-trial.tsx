import { useState, type ReactNode } from "react";
import { ApiError, post, type Problem } from "../api";
import type { PolicyTrial, TrialOrder, TrialOrders, TrialSide } from "../contract";
import { useShared } from "../context";
import { count, moment } from "../format";
import { Amount, BandTag, bandNames, Failed, Field, Link } from "../parts/basics";
import { Table } from "../parts/table";

export interface Parameter {
  name: string;
  value: string;
}

/** Tries a draft on today's book and on past days: what it would hold, free and move. Nothing changes by it. */
export function Trial({ parameters, allowed, why }: { parameters: () => Parameter[]; allowed: boolean; why: string | null }) {
  const { words } = useShared();
  const [days, setDays] = useState("30");
  const [busy, setBusy] = useState(false);
  const [trial, setTrial] = useState<PolicyTrial | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const run = async () => {
    setBusy(true);
    setProblem(null);
    try {
      setTrial(await post<PolicyTrial>("/policies/trials", { parameters: parameters(), days: Number(days) }));
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="trial">
      <div className="row">
        <Field label={words.policy.past}>
          {(a) => (
            <select {...a} value={days} onChange={(event) => setDays(event.target.value)}>
              {["0", "7", "30", "90"].map((d) => <option key={d} value={d}>{d === "0" ? words.policy.todayOnly : words.policy.pastDays(d)}</option>)}
            </select>
          )}
        </Field>
        <button type="button" className="quiet" aria-disabled={!allowed || busy} title={why ?? undefined} onClick={() => allowed && !busy && void run()} data-testid="try">{busy ? words.policy.trying + " …" : words.policy.tryIt}</button>
      </div>
      {problem && <Failed problem={problem} />}
      {trial && <Report trial={trial} />}
    </div>
  );
}

function Report({ trial: t }: { trial: PolicyTrial }) {
  const { words, lang, zone } = useShared();
  const base = t.baseCurrency ?? "";
  const bands = [...t.bands].reverse();
  return (
    <section className="report" data-testid="trial" aria-live="polite">
      <h3>{words.policy.simulation} <span className="muted">{moment(t.asOf, lang, zone)}</span></h3>
      {t.objections.length > 0 && <div className="failed" data-testid="objections"><strong>{words.policy.objections}</strong><ul lang="en">{t.objections.map((o) => <li key={o}>{o}</li>)}</ul></div>}
      <Table
        rows={bands} caption={words.policy.bandsCaption} keyOf={(b) => String(b.band)} testid="trial-bands" rowTestid="trial-band"
        columns={[
          { head: words.board.band, of: (b) => <BandTag band={bandNames[b.band!]!} /> },
          { head: words.policy.before, figure: true, of: (b) => <span data-testid="trial-before" data-value={b.before}>{count(b.before ?? 0, lang)}</span> },
          { head: words.policy.after, figure: true, of: (b) => <span data-testid="trial-after" data-value={b.after}>{count(b.after ?? 0, lang)}</span> },
          { head: words.policy.change, figure: true, of: (b) => signed((b.after ?? 0) - (b.before ?? 0)) },
        ]}
      />
      <dl className="facts small">
        <Fact label={words.policy.wouldHold} orders={t.wouldHold} base={base} testid="would-hold" />
        <Fact label={words.policy.wouldFree} orders={t.wouldFree} base={base} testid="would-free" />
        <div className="fact"><dt>{words.policy.releasedAtOnce}</dt><dd className="fig">{count(t.releasedAtOnce ?? 0, lang)}</dd></div>
        <div className="fact"><dt>{words.policy.signals}</dt><dd className="fig">+{count(t.signalsRaised ?? 0, lang)} / −{count(t.signalsResolved ?? 0, lang)}</dd></div>
      </dl>
      <Named orders={t.wouldHold} title={words.policy.wouldHold} />
      <Named orders={t.wouldFree} title={words.policy.wouldFree} />
      {t.past && t.past.real && <Past past={t.past} base={base} />}
    </section>
  );

  function signed(n: number) {
    return n === 0 ? <span className="muted">0</span> : n > 0 ? "+" + count(n, lang) : "−" + count(-n, lang);
  }
}

function Past({ past: p, base }: { past: NonNullable<PolicyTrial["past"]>; base: string }) {
  const { words, lang, zone } = useShared();
  const hours = (s: TrialSide) => count(Math.round((s.minutesOnHold ?? 0) / 60), lang);
  const lines: [string, (s: TrialSide) => ReactNode][] = [
    [words.policy.heldOrders, (s) => count(s.held ?? 0, lang)], [words.policy.heldAmount, (s) => <Amount minor={s.heldAmount} currency={base} />], [words.policy.hoursOnHold, hours],
    [words.policy.releasedByRule, (s) => count(s.releasedByRule ?? 0, lang)], [words.policy.signalsPerDay, (s) => ((s.signalsPerDayThousandths ?? 0) / 1000).toFixed(1)], [words.policy.severe, (s) => count(s.severe ?? 0, lang)],
  ];
  return (
    <>
      <h3>{words.policy.backTest(String(p.days))} <span className="muted">{words.policy.sinceEntries(moment(p.from, lang, zone), count(p.entries ?? 0, lang))}</span></h3>
      <Table
        rows={lines} caption={words.policy.backTest(String(p.days))} keyOf={(l) => l[0]} testid="back-test"
        columns={[{ head: words.aside.figure, of: (l) => l[0] }, { head: words.policy.happened, figure: true, of: (l) => l[1](p.real) }, { head: words.policy.drafted, figure: true, of: (l) => l[1](p.drafted) }]}
      />
      <dl className="facts small">
        <Fact label={words.policy.added} orders={p.added} base={base} testid="holds-added" />
        <Fact label={words.policy.removed} orders={p.removed} base={base} testid="holds-removed" />
        <div className="fact"><dt>{words.policy.writtenOff}</dt><dd><Amount minor={p.writtenOff} currency={base} code /></dd></div>
        <div className="fact"><dt>{words.policy.writeOffsAvoided}</dt><dd><Amount minor={p.writeOffsAvoided} currency={base} code /></dd></div>
      </dl>
      <Named orders={p.added} title={words.policy.added} />
      <Named orders={p.removed} title={words.policy.removed} />
      <p className="hint">{words.policy.backTestNote}</p>
    </>
  );
}

function Fact({ label, orders, base, testid }: { label: string; orders: TrialOrders; base: string; testid: string }) {
  const { words, lang } = useShared();
  return <div className="fact"><dt>{label}</dt><dd data-testid={testid} data-value={orders.count}>{words.board.orders(count(orders.count ?? 0, lang))} · <Amount minor={orders.amount} currency={base} code /></dd></div>;
}

/** The largest of them, with the rules that hold them. */
function Named({ orders, title }: { orders: TrialOrders; title: string }) {
  const { words } = useShared();
  if (orders.largest.length === 0) return null;
  return (
    <details>
      <summary>{words.common.pair(title, words.policy.largest(String(orders.largest.length)))}</summary>
      <Table<TrialOrder>
        rows={orders.largest} caption={title} keyOf={(o) => o.customer + "/" + o.orderId}
        columns={[
          { head: words.board.customer, of: (o) => <Link to={"/customers/" + o.customer}>{o.customer}</Link> },
          { head: words.holds.order, of: (o) => o.orderId },
          { head: words.holds.amount, figure: true, of: (o) => <Amount minor={o.amount} currency={o.currency ?? ""} code /> },
          { head: words.holds.rule, of: (o) => o.rules.map((r) => <span key={r}><code>{r}</code> {(words.rules as Record<string, string>)[r] ?? ""} </span>) },
        ]}
      />
    </details>
  );
}
