import { useState } from "react";
import { useShared } from "../context";
import { count } from "../format";
import { useLive } from "../live/hooks";
import { Export, Link } from "../parts/basics";
import { choose, usePlace } from "../url";
import { apiQuery, columns, defaults, sorts, type BoardChoice, type Column } from "./board-query";

const exported: Partial<Record<Column, string>> = { exposure: "gross" };

/** What is drawn from what this page has seen; a file has no such column. */
const drawn: ReadonlySet<Column> = new Set(["trend", "age"]);

export function Filters({ choice, total }: { choice: BoardChoice; total: number | null }) {
  const { words, lang, boardWords, compact, keep } = useShared();
  const { query } = usePlace();
  const { notServing } = useLive();
  const [search, setSearch] = useState(choice.search);
  const labels: Record<string, string> = { util: words.board.utilisation, exp: words.board.exposure, over: words.customer.over, overdue: words.board.overdue, days: words.board.days, held: words.board.heldTile };
  const ranking = choice.sort in labels && choice.descending ? choice.sort : "";
  return (
    <div className="filters" data-filters>
      <form onSubmit={(event) => { event.preventDefault(); choose({ q: search, page: null }); }}>
        <input value={search} onChange={(event) => setSearch(event.target.value)} onBlur={() => search !== choice.search && choose({ q: search, page: null })} placeholder={words.customer.code} aria-label={words.customer.code} data-testid="filter-search" />
      </form>
      <Pick name="seg" testid="segment" label={words.board.segment} value={choice.segments.join()} options={boardWords?.segments} />
      {boardWords?.groups[0] && <Pick name="group" label={words.board.group} value={choice.groups.join()} options={boardWords.groups} />}
      <Pick name="grade" label={words.board.grade} value={choice.grades.join()} options={[..."ABCDE", "none"]} say={(g) => (g === "none" ? words.common.none : g)} />
      <Pick name="owner" label={words.board.owner} value={choice.owner} options={["me", ...(boardWords?.controllers ?? [])]} say={(c) => (c === "me" ? words.board.me : c)} />
      <Pick name="overdue" label={words.board.overdue} value={choice.overdue} options={["0", "30", "60", "90"]} say={words.board.overdueDays} />
      <label className="check"><input type="checkbox" checked={choice.held} onChange={(event) => choose({ held: event.target.checked ? "1" : null, page: null })} data-testid="filter-held" /> {words.board.heldOnly}</label>
      <label className="check"><input type="checkbox" checked={choice.rising} onChange={(event) => choose({ rising: event.target.checked ? "1" : null, page: null })} data-testid="filter-rising" /> {words.board.risingOnly}</label>
      <select aria-label={words.board.ranking} value={ranking} onChange={(event) => choose({ sort: event.target.value === "util" ? null : "-" + event.target.value, page: null })} data-testid="ranking">
        {ranking === "" && <option value="">{words.board.ranking}</option>}
        {Object.keys(sorts).filter((s) => s in labels).map((s) => <option key={s} value={s}>{words.common.pair(words.board.ranking, labels[s]!)}</option>)}
      </select>
      <span className="tools">
        <span className="muted fig" data-testid="total" data-value={total ?? ""}>{total === null ? "" : words.board.total((notServing[0] === undefined ? "" : "≥ ") + count(total, lang))}</span>
        {(["movers", "concentration"] as const).map((which) => (
          <button key={which} type="button" className="quiet" aria-pressed={choice.aside === which} data-testid={"aside-" + which} onClick={() => choose({ aside: choice.aside === which ? null : which, preview: null })}>{words.aside[which]}</button>
        ))}
        <details className="menu">
          <summary data-testid="columns">{words.common.columns}</summary>
          <div className="menu-body">
            {columns.map((column) => (
              <label key={column} className="check">
                <input
                  type="checkbox" checked={choice.columns.includes(column)} disabled={column === "band" || column === "customer"} data-testid={"column-" + column}
                  onChange={(event) => {
                    const next = columns.filter((c) => (c === column ? event.target.checked : choice.columns.includes(c)));
                    choose({ cols: next.join(",") === defaults.join(",") ? null : next.join(",") });
                  }}
                />{" "}
                {words.board[column]}
              </label>
            ))}
            <hr />
            <label className="check"><input type="checkbox" checked={compact} onChange={() => { keep({ density: compact ? undefined : "compact" }); if (query.has("d")) choose({ d: null }, true); }} /> {words.common.compact}</label>
            <Link to="/views" query={{ address: "/board" + (query.size > 0 ? "?" + query.toString() : "") }} testid="save-view-link">{words.views.save}</Link>
          </div>
        </details>
        <Export of="board" query={{ ...Object.fromEntries(apiQuery(choice)), columns: choice.columns.filter((c) => !drawn.has(c)).map((c) => exported[c] ?? c).join(",") }} />
      </span>
    </div>
  );
}

/** One choice of a filter, or all; what the address chooses besides, such as several, stands among the options. */
export function Pick({ name, testid = name, label, value, options = [], say = (o) => o.replaceAll(",", ", ") }: { name: string; testid?: string; label: string; value: string; options?: string[]; say?: (option: string) => string }) {
  const { words } = useShared();
  return (
    <select aria-label={label} value={value} onChange={(event) => choose({ [name]: event.target.value, page: null })} data-testid={"filter-" + testid}>
      <option value="">{words.common.pair(label, words.common.all)}</option>
      {[...new Set([...options, value])].map((o) => o && <option key={o} value={o}>{say(o)}</option>)}
    </select>
  );
}
