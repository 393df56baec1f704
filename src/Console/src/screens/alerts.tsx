import { useRef, useState } from "react";
import { useShared } from "../context";
import { moment } from "../format";
import { useScreenKeys } from "../keys";
import { useView } from "../live/hooks";
import { Age } from "../parts/age";
import { Export, Link } from "../parts/basics";
import { Severity, SignalValue, signalValue } from "../parts/severity";
import { Table } from "../parts/table";
import { rangeTo } from "../parts/input";
import { addressOf, choose, go, usePlace } from "../url";
import { AlertBulk } from "./alert-bulk";
import { Panel, StateWord, tags } from "./alert-panel";
import { Deliveries, Noise, NoticePanel, Notices, Silences } from "./alert-telling";

export interface Alert {
  id: string;
  customer: string;
  name?: string;
  state: string;
  indicator: string;
  about?: string;
  severity: string;
  value?: string;
  was?: string;
  firstAt?: string;
  count?: number;
  threshold?: string;
  clears?: string;
  clearsZh?: string;
  at: string;
  firstPosition?: string;
  lastPosition?: string;
  eventIds?: string[];
  transitions?: number;
  flapping?: boolean;
  mark?: { takenBy?: string | null; snoozedUntil?: string | null; snoozedBelowBp?: number | null; resolvedBy?: string | null; note?: string | null; tag?: string | null };
  /** How it goes outside, where alerts do. */
  told?: { takeBy?: string | null; mutedBy?: string | null; mutedWhy?: string | null; version: number };
}

const signals = ["firing", "resolved", "all"] as const;
const telling = ["notices", "deliveries", "silences", "noise"] as const;
type Tab = (typeof signals)[number] | (typeof telling)[number];
const severities = ["Info", "Low", "Medium", "High", "Critical"];

const filters = ["sev", "rule", "customer", "who", "tag"];

export function Alerts({ id }: { id?: string }) {
  const { words, lang, zone } = useShared();
  const { query } = usePlace();
  const view = useView<Alert>("alerts");
  const told = query.get("tab") as Tab | null;
  const tab: Tab = told && ([...signals, ...telling] as string[]).includes(told) ? told : "firing";
  const [severity, rule, customer, mine, tag] = filters.map((name) => query.get(name) ?? "") as [string, string, string, string, string];
  const all = view ? view.order.map((key) => view.rows.get(key)!).filter(Boolean) : [];
  const isFiring = (a: Alert) => a.state === "credit.signal.raised.v1" && !a.mark?.resolvedBy;
  const fits = (a: Alert) =>
    (!severity || severities.indexOf(a.severity) >= severities.indexOf(severity)) && (!rule || a.indicator === rule) && (!customer || a.customer === customer) && (!mine || (mine === "nobody" ? !a.mark?.takenBy : a.mark?.takenBy === mine)) && (!tag || (a.mark?.tag ?? "none") === tag);
  const rows = all.filter(fits).filter((a) => (tab === "firing" ? isFiring(a) : tab === "resolved" ? !isFiring(a) : true));
  const [active, setActive] = useState<string | null>(null);
  const table = useRef<HTMLTableElement>(null);
  // Ids have slashes and no commas. What is no longer there is no longer selected.
  // All that match are those of the moment in which somebody said so: what begins to fire later joins nothing.
  const isAll = query.get("sel") === "all";
  const matched = useRef<string[] | null>(null);
  if (!isAll) matched.current = null;
  else if (view !== null) matched.current ??= rows.slice(0, 200).map((a) => a.id);
  const selected = (isAll ? (matched.current ?? []) : (query.get("sel") ?? "").split(",")).map((key) => all.find((a) => a.id === key)).filter((a): a is Alert => a !== undefined);
  const picked = useRef<string | null>(null);
  const toggle = (a: Alert) => {
    picked.current = a.id;
    choose({ sel: (selected.includes(a) ? selected.filter((s) => s !== a) : [...selected, a].slice(0, 200)).map((s) => s.id).join(",") }, true);
  };
  const keep = Object.fromEntries([...query].filter(([name]) => ["tab", "sel", ...filters].includes(name)));
  const open = (a: Alert) => go(addressOf("/alerts/" + encodeURIComponent(a.id), keep));
  const close = () => go(addressOf("/alerts", keep));
  const move = (step: number) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, rows.findIndex((r) => r.id === active) + step))];
    if (!next) return;
    setActive(next.id);
    table.current?.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(next.id)}"]`)?.focus();
  };
  useScreenKeys({ j: () => move(1), k: () => move(-1), o: () => { const a = rows.find((r) => r.id === active); if (a) open(a); }, x: () => { const a = rows.find((r) => r.id === active); if (a) toggle(a); }, X: () => active && choose({ sel: rangeTo(rows.map((r) => r.id), selected.map((s) => s.id), picked.current, active, 200).join(",") }, true), Escape: () => id && close() });
  const chosen = id ? all.find((a) => a.id === id) : undefined;
  const isFiltered = Boolean(severity || rule || customer || mine || tag);
  const rulesThere = [...new Set(all.map((a) => a.indicator))].sort();
  return (
    <>
      <h1>{words.nav.alerts}</h1>
      <div className="tabs" role="tablist" aria-label={words.nav.alerts}>
        {[...signals, ...telling].map((t) => <button key={t} type="button" role="tab" aria-selected={tab === t} data-testid={"tab-" + t} onClick={() => choose({ tab: t === "firing" ? null : t, ...(isAll && { sel: null }) })}>{words.alerts.tabs[t]} {t === "firing" && <span className="count">{all.filter(isFiring).length}</span>}</button>)}
      </div>
      {tab === "notices" && <Notices />}
      {tab === "deliveries" && <Deliveries />}
      {tab === "silences" && <Silences />}
      {tab === "noise" && <Noise />}
      {(signals as readonly string[]).includes(tab) && (
        <div className={id ? "split split-open" : "split"}>
          <section className="list" role="tabpanel" aria-label={words.alerts.tabs[tab]}>
            <div className="filters" role="group" aria-label={words.board.filters}>
              <Choice name="sev" label={words.alerts.severity} value={severity} options={severities.slice(1).map((s) => [s, words.alerts.orWorse(words.alerts.severities[s as keyof typeof words.alerts.severities])])} />
              <Choice name="rule" label={words.customer.indicator} value={rule} options={rulesThere.map((r) => [r, words.alerts.names[r as keyof typeof words.alerts.names] ?? r])} />
              <Choice name="who" label={words.alerts.taken} value={mine} options={[["nobody", words.alerts.nobody], ...[...new Set(all.map((a) => a.mark?.takenBy).filter(Boolean))].sort().map((w): [string, string] => [w!, w!])]} />
              <Choice name="tag" label={words.alerts.verdict} value={tag} options={[...tags.map((t): [string, string] => [t, words.alerts.tags[t]]), ["none", words.alerts.untagged]]} />
              <button type="button" className="quiet" aria-pressed={isAll} onClick={() => choose({ sel: isAll ? null : "all" }, true)} data-testid="select-all">{words.common.selectAll}</button>
              <Export of="warnings" query={{ state: tab === "all" ? "" : tab, severity, rule, customer, takenBy: mine, tag }} />
              {customer && <button type="button" className="chip" onClick={() => choose({ customer: null })}>{customer} ×</button>}
            </div>
            {selected.length > 0 && <AlertBulk rows={selected} of={isAll ? rows.length : 0} clear={() => choose({ sel: null }, true)} />}
            {(view?.whole as { cut?: boolean } | undefined)?.cut && <p className="muted">{words.alerts.cut}</p>}
            {view !== null && rows.length === 0 ? (
              <p className="empty" data-testid="empty">{isFiltered ? words.common.noMatch : words.alerts.empty} {isFiltered && <button type="button" className="link" onClick={() => choose(Object.fromEntries(filters.map((name) => [name, null])))}>{words.common.clear}</button>}</p>
            ) : (
              <Table
                rows={rows} caption={words.alerts.caption} keyOf={(a) => a.id} testid="alerts" rowTestid="alert" busy={view === null} tableRef={table}
                onOpen={open} isOpen={(a) => a.id === id} active={active} onActive={setActive} dataOf={(a) => ({ "data-state": a.state, "data-indicator": a.indicator })}
                columns={[
                  { head: <span className="hidden">{words.common.select}</span>, of: (a) => <input type="checkbox" checked={selected.includes(a)} onChange={() => toggle(a)} aria-label={`${words.common.select} ${a.customer} ${a.indicator}`} tabIndex={-1} data-testid="select-alert" /> },
                  { head: words.alerts.severity, of: (a) => <Severity name={a.severity} /> },
                  { head: words.customer.indicator, of: (a) => <><Link to={"/alerts/" + encodeURIComponent(a.id)} query={keep}>{words.alerts.names[a.indicator as keyof typeof words.alerts.names] ?? a.indicator}</Link> <span className="muted"><span className="nowrap">{a.indicator}</span>{a.about ? ` · ${a.about}` : ""}{a.flapping ? ` · ${words.alerts.flapping(a.transitions ?? 0)}` : ""}</span></> },
                  { head: words.board.customer, of: (a) => <><Link to={"/customers/" + a.customer}>{a.customer}</Link> <span className="clip muted">{a.name}</span></> },
                  { head: words.common.value, figure: true, of: (a) => (a.flapping ? "–" : <SignalValue {...a} />) },
                  { head: words.alerts.threshold, figure: true, of: (a) => (a.flapping ? "–" : signalValue(words, lang, a.indicator, a.threshold)) },
                  { head: words.alerts.since, when: true, of: (a) => moment(a.at, lang, zone) },
                  { head: words.alerts.taken, of: (a) => a.mark?.takenBy ?? (a.told?.takeBy && new Date(a.told.takeBy).getTime() > Date.now() ? <span title={words.alerts.takeBy}><Age until={a.told.takeBy} /></span> : <span className="muted">–</span>) },
                  { head: words.alerts.verdict, of: (a) => <span data-testid="tag">{words.alerts.tags[a.mark?.tag as (typeof tags)[number]] ?? <span className="muted">–</span>}</span> },
                  { head: words.common.state, of: (a) => <StateWord alert={a} /> },
                ]}
              />
            )}
          </section>
          {id && view !== null && (chosen ? <Panel key={chosen.id} alert={chosen} close={close} /> : <NoticePanel key={id} id={id} close={close} />)}
        </div>
      )}
    </>
  );
}

function Choice({ name, label, value, options }: { name: string; label: string; value: string; options: [string, string][] }) {
  const { words } = useShared();
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(event) => choose({ [name]: event.target.value })} data-testid={"filter-" + name}>
        <option value="">{words.common.all}</option>
        {options.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
      </select>
    </label>
  );
}
