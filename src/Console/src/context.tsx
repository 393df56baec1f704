import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { get, post, useCsrf, whenSignedOut, type Me } from "./api";
import type { Lang } from "./format";
import { stream } from "./live/stream";
import { usePlace } from "./url";
import { en, type Words } from "./words/en";
import { zh } from "./words/zh";

/** What a reader likes; kept by the service, so that it follows the person and not the browser. */
export interface Settings {
  lang?: Lang;
  theme?: "light" | "dark";
  density?: "compact";
  zone?: string;
  keysOff?: boolean;
  /** The lowest severity of which the browser tells; nothing without. */
  notices?: "Medium" | "High" | "Critical";
  sound?: boolean;
}

export interface BoardWords {
  segments: string[];
  countries: string[];
  controllers: string[];
  groups: string[];
  watchBp: number;
  criticalBp: number;
  breachBp: number;
  baseCurrency: string;
}

interface Shared {
  me: Me;
  words: Words;
  lang: Lang;
  zone: string;
  theme: "light" | "dark";
  compact: boolean;
  settings: Settings;
  boardWords: BoardWords | null;
  keep: (changes: Partial<Settings>) => void;
  may: (...roles: string[]) => boolean;
  refresh: () => Promise<void>;
}

const Context = createContext<Shared | null>(null);

export function useShared(): Shared {
  const shared = useContext(Context);
  if (!shared) throw new Error("No context.");
  return shared;
}

const dark = matchMedia("(prefers-color-scheme: dark)");

export const readers = ["Viewer", "Analyst", "Approver", "PolicyOwner", "PolicyApprover", "Auditor"];

/** The language before anybody is known: the address, then the browser. */
export function langOf(query: URLSearchParams, settings?: Settings): Lang {
  const told = query.get("lang");
  if (told === "en" || told === "zh") return told;
  return settings?.lang ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
}

export function wordsOf(lang: Lang): Words {
  return lang === "zh" ? zh : en;
}

/** The page itself follows language, theme and density. */
export function dress(lang: Lang, theme: string, compact: boolean) {
  const root = document.documentElement;
  root.lang = lang === "zh" ? "zh-CN" : "en";
  root.dataset.theme = theme;
  root.dataset.density = compact ? "compact" : "normal";
}

export function Provider({ children, signIn }: { children: ReactNode; signIn: (about: Me, again: () => Promise<void>) => ReactNode }) {
  const place = usePlace();
  const [me, setMe] = useState<Me | null>(null);
  const [settings, setSettings] = useState<Settings>({});
  const [boardWords, setBoardWords] = useState<BoardWords | null>(null);
  const [systemDark, setSystemDark] = useState(dark.matches);

  const refresh = async () => {
    const told = await get<Me>("/session");
    if (told.user && !told.mustChange) {
      useCsrf(told.csrf);
      const [liked, board] = await Promise.all([get<Settings>("/settings").catch(() => ({})), told.roles.some((r) => readers.includes(r)) ? get<BoardWords>("/board/words").catch(() => null) : null]);
      setSettings(liked);
      setBoardWords(board);
      stream.switch(true);
    } else {
      useCsrf(told.csrf ?? "");
      stream.switch(false);
    }
    setMe(told);
  };

  useEffect(() => {
    const follow = () => setSystemDark(dark.matches);
    dark.addEventListener("change", follow);
    whenSignedOut(() => void refresh());
    stream.whenLost = () => void get<Me>("/session", undefined, true).then((told) => told.user === null && void refresh(), () => undefined);
    // A service that is starting answers in a moment.
    const begin = (): void => void refresh().catch(() => setTimeout(begin, 1_000));
    begin();
    return () => dark.removeEventListener("change", follow);
  }, []);

  const lang = langOf(place.query, settings);
  const told = place.query.get("theme");
  const theme = told === "light" || told === "dark" ? told : (settings.theme ?? (systemDark ? "dark" : "light"));
  const compact = (place.query.get("d") ?? settings.density) === "compact";
  useEffect(() => dress(lang, theme, compact), [lang, theme, compact]);

  const shared = useMemo<Shared | null>(
    () =>
      me && {
        me, lang, theme, compact, settings, boardWords, refresh,
        words: wordsOf(lang),
        zone: settings.zone ?? me.timeZone,
        keep: (changes) => {
          const next = { ...settings, ...changes };
          setSettings(next);
          void post("/settings", next).catch(() => undefined);
        },
        may: (...roles) => roles.some((role) => me.roles.includes(role)),
      },
    [me, lang, theme, compact, settings, boardWords],
  );

  if (!shared) return null;
  if (!shared.me.user || shared.me.mustChange) return <>{signIn(shared.me, refresh)}</>;
  return <Context value={shared}>{children}</Context>;
}
