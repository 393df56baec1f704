import { useState } from "react";
import { useShared } from "../context";
import { count } from "../format";
import { Link } from "../parts/basics";
import { choose, usePlace } from "../url";
import { apiQuery, columns, defaults, sorts, type BoardChoice, type Column } from "./board-query";

const exported: Partial<Record<Column, string>> = { exposure: "gross" };

/** What is drawn from what this page has seen; a file has no such column. */
const drawn: ReadonlySet<Column> = new Set(["trend", "age"]);

export function Filters({ choice, total }: { choice: BoardChoice; total: number | null }) {
  const { words, lang, boardWords, compact, keep } = useShared();
  const { query } = usePlace();
  const [search, setSearch] = useState(choice.search);
  const labels: Record<string, string> = { util: words.board.rankUtil, exp: words.board.rankExposure, over: words.board.rankOver, overdue: words.board.rankOverdue, days: words.board.rankDays, held: words.board.rankHeld };
  const ranking = choice.sort in labels && choice.descending ? choice.sort : "";
  const file = new URLSearchParams([...apiQuery(choice), ["columns", choice.columns.filter((c) => !drawn.has(c)).map((c) => exported[c] ?? c).join(",")], ["lang", lang]]);
  return (
    <div className="filters" data-filters>
      <form onSubmit={(event) => { event.preventDefault(); choose({ q: search, page: null }); }}>
        <input value={search} onChange={(event) => setSearch(event.target.value)} onBlur={() => search !== choice.search && choose({ q: search, page: null })} placeholder={words.customer.code} aria-label={words.customer.code} data-testid="filter-search" />
      </form>
      <select aria-label={words.board.segment} value={choice.segments.join(",")} onChange={(event) => choose({ seg: event.target.value, page: null })} data-testid="filter-segment">
        <option value="">{words.board.allSegments}</option>
        {boardWords?.segments.map((s) => <option key={s} value={s}>{s}</option>)}
        {choice.segments.length > 1 && <option value={choice.segments.join(",")}>{choice.segments.join(", ")}</option>}
      </select>
      <select aria-label={words.board.owner} value={choice.owner} onChange={(event) => choose({ owner: event.target.value, page: null })} data-testid="filter-owner">
        <option value="">{words.board.everybody}</option>
        <option value="me">{words.board.me}</option>
        {boardWords?.controllers.map((c) => <option key={c} value={c}>{c}</option>)}
      </select>
      <select aria-label={words.board.overdue} value={choice.overdue} onChange={(event) => choose({ overdue: event.target.value, page: null })} data-testid="filter-overdue">
        <option value="">{words.common.pair(words.board.overdue, words.common.all)}</option>
        {["0", "30", "60", "90"].map((d) => <option key={d} value={d}>{words.board.overdueDays(d)}</option>)}
      </select>
      <label className="check"><input type="checkbox" checked={choice.held} onChange={(event) => choose({ held: event.target.checked ? "1" : null, page: null })} data-testid="filter-held" /> {words.board.heldOnly}</label>
      <label className="check"><input type="checkbox" checked={choice.rising} onChange={(event) => choose({ rising: event.target.checked ? "1" : null, page: null })} data-testid="filter-rising" /> {words.board.risingOnly}</label>
      <select aria-label={words.board.ranking} value={ranking} onChange={(event) => choose({ sort: event.target.value === "util" ? null : "-" + event.target.value, page: null })} data-testid="ranking">
        {ranking === "" && <option value="">{words.board.ranking}</option>}
        {Object.keys(sorts).filter((s) => s in labels).map((s) => <option key={s} value={s}>{words.common.pair(words.board.ranking, labels[s]!)}</option>)}
      </select>
      <span className="spring" />
      <span className="muted fig" data-testid="total" data-value={total ?? ""}>{total === null ? "" : words.board.total(count(total, lang))}</span>
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
      <a className="button quiet" href={"/api/v1/board/export?" + file.toString()} download data-testid="export">{words.common.export}</a>
    </div>
  );
}
