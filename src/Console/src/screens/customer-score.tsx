import { useEffect, useState } from "react";
import type { CardScore, CustomerScore, FactorShare, InvoiceScore, ScoreFact } from "../contract";
import { useShared } from "../context";
import { day, moment, share } from "../format";
import { Amount, Failed, Link, useGet } from "../parts/basics";
import { Table } from "../parts/table";

type Target = "late5" | "late15" | "onset5" | "onset15";

const shown = 8;

/** How the customer will pay: each open invoice with its chance of being late, and what the score is made of. Read from the whole book when somebody asks. */
export function Score({ id }: { id: string }) {
  const { words, lang, zone } = useShared();
  const score = useGet<CustomerScore>(`/customers/${encodeURIComponent(id)}/score`);
  const [open, setOpen] = useState<string | null>(null);
  if (score.problem) return <Failed problem={score.problem} testid="score-failed" />;
  const s = score.data;
  if (!s) return <Reading />;
  const chosen = s.open.find((o) => o.document === open);
  return (
    <section data-testid="score">
      <p className="muted" role="status">{words.score.readAt(moment(s.readAt, lang, zone), s.paid ?? 0)} <button type="button" className="link" onClick={score.reload}>{words.common.reload}</button></p>
      <Table
        rows={s.shares} caption={words.score.own} keyOf={(x) => String(x.days)} rowTestid="share" dataOf={(x) => ({ "data-why": x.whyCode ?? "" })}
        columns={[
          { head: words.score.own, of: (x) => words.score.targets[x.target as Target] ?? x.target },
          { head: words.score.lateOf, figure: true, of: (x) => `${x.late} / ${s.paid}` },
          { head: words.score.book, figure: true, of: (x) => ppm(x.bookPpm) },
          { head: words.score.chance, figure: true, of: (x) => ppm(x.ppm) },
          { head: words.score.scoredBy, of: (x) => <span title={x.why ?? undefined}>{x.serves ? `${words.score.shrunk} · ${words.score.why[x.whyCode as keyof typeof words.score.why] ?? x.whyCode}` : words.score.byCard}</span> },
        ]}
      />
      {(lang === "zh" ? s.remarksZh : s.remarks).map((r) => <p key={r} className="muted">{r}</p>)}
      {s.open.length === 0 ? <p className="empty" data-testid="empty">{words.score.noneOpen}</p> : (
        <div className={chosen ? "split split-wide" : "split"}>
          <Table
            rows={s.open} caption={words.score.tab} keyOf={(o) => o.document ?? ""} rowTestid="score-row" isOpen={(o) => o.document === open}
            columns={[
              { head: words.customer.item, when: true, of: (o) => <button type="button" className="link" aria-expanded={o.document === open} onClick={() => setOpen(o.document === open ? null : o.document)} data-testid={"explain-" + o.document}>{o.document}</button> },
              { head: words.customer.due, when: true, of: (o) => day(o.dueOn, lang) },
              { head: words.customer.openAmount, figure: true, of: (o) => <Amount minor={o.left} currency={o.currency ?? ""} code /> },
              { head: words.score.expected, of: (o) => <><span className="nowrap">{day(o.expected.on, lang)}</span> <span className="muted">{[o.expected.from && `${day(o.expected.from, lang)} – ${day(o.expected.until, lang)}`, o.expected.isRenewed && words.score.renewed(day(o.expected.firstOn, lang)), o.expected.isOver && words.score.over].filter(Boolean).map((w) => ` · ${w}`)}</span></> },
              { head: words.score.chance, of: (o) => (o.scores.length === 0 ? <span className="muted">–</span> : o.scores.map((c) => <span key={c.target + "" + c.isShadow} className="below"><strong className="fig" data-testid={c.isShadow ? "shadow-chance" : "chance"} data-value={c.chancePpm}>{ppm(c.chancePpm)}</strong> <span className="muted">{words.score.targets[c.target as Target]}{c.isShadow && ` · ${words.score.uses.Shadow}`}</span></span>)) },
            ]}
          />
          {chosen && <Explained key={chosen.document} customer={id} invoice={chosen} close={() => setOpen(null)} />}
        </div>
      )}
    </section>
  );

  function ppm(value: number | null): string {
    return value === null ? "–" : share(value / 100, lang);
  }
}

/** Reading takes seconds on a large book; a clock says that it goes on. */
function Reading() {
  const { words } = useShared();
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const clock = setInterval(() => setSeconds((s) => s + 1), 1_000);
    return () => clearInterval(clock);
  }, []);
  return <p className="empty" data-testid="score-reading"><span role="status">{words.score.reading}</span> {words.live.seconds(String(seconds))}</p>;
}

function Explained({ customer, invoice: o, close }: { customer: string; invoice: InvoiceScore; close: () => void }) {
  const { words, lang, zone } = useShared();
  const links = (facts: ScoreFact[]) => facts.map((f) => <li key={f.entry}><Link to={`/customers/${customer}/events/${f.entry}`}>{f.document}</Link> <span className="muted">{moment(f.time, lang, zone)}</span></li>);
  return (
    <aside className="panel" data-testid="explained" data-id={o.document} aria-label={o.document ?? undefined}>
      <div className="panel-head">
        <h2>{o.document}</h2>
        <button type="button" className="quiet icon" onClick={close} aria-label={words.common.close}>×</button>
      </div>
      {o.scores.length === 0 && <p className="muted">{words.score.noCard}</p>}
      {o.scores.map((c) => <Factors key={c.target + "" + c.isShadow} card={c} />)}
      {(["invoice", "payments", "open"] as const).map((kind) => o.facts[kind].length > 0 && (
        <div key={kind}>
          <h3>{words.score.facts[kind]}</h3>
          <ul className="plain">{links(o.facts[kind])}</ul>
        </div>
      ))}
    </aside>
  );
}

/** Points of nobody in particular and those of the factors sum to the score; the strongest come first. */
function Factors({ card: c }: { card: CardScore }) {
  const { words, lang } = useShared();
  const [all, setAll] = useState(false);
  const [names, setNames] = useState<Record<string, string>>({});
  useEffect(() => {
    if (lang === "zh") void import("../words/factors").then((m) => setNames(m.factors));
  }, [lang]);
  const rest = c.factors.slice(shown).reduce((sum, f) => sum + (f.points ?? 0), 0);
  const points = (hundredths: number | null, sign = true) => (sign && (hundredths ?? 0) >= 0 ? "+" : "") + ((hundredths ?? 0) / 100).toFixed(2).replace("-", "−");
  /** Values come in the unit of the factor: millionths, hundredths of a day, percent, days, items. */
  const value = (f: FactorShare) => {
    if (f.value === null) return words.score.untold;
    if (f.unit === "ppm") return share(f.value / 100, lang);
    if (f.unit === "pct") return `${f.value} %`;
    if (f.unit === "cd" || f.unit === "days") return `${f.unit === "cd" ? (f.value / 100).toFixed(2) : f.value} ${words.customer.days}`;
    return String(f.value);
  };
  return (
    <>
      <h3>{words.score.targets[c.target as Target]} · {c.isShadow ? words.score.uses.Shadow : words.score.card} <code>{c.version}</code></h3>
      <p>{words.score.sum(points(c.points, false), share((c.chancePpm ?? 0) / 100, lang), points(c.base, false))}</p>
      <Table
        rows={all ? c.factors : c.factors.slice(0, shown)} caption={words.score.factor} keyOf={(f) => f.factor ?? ""} rowTestid="factor"
        columns={[
          { head: words.score.points, figure: true, of: (f) => points(f.points) },
          { head: words.score.factor, of: (f) => (lang === "zh" && names[f.factor ?? ""]) || <span lang="en">{f.meaning}</span> },
          { head: words.common.value, figure: true, of: value },
          { head: words.score.madeOf, of: (f) => words.score.sources[f.madeOf as keyof typeof words.score.sources] ?? f.madeOf },
        ]}
      />
      {!all && c.factors.length > shown && <p><span className="fig">{points(rest)}</span> <button type="button" className="link" onClick={() => setAll(true)}>{words.score.others(c.factors.length - shown)}</button></p>}
    </>
  );
}
