import { useEffect, useLayoutEffect } from "react";
import { useShared, type Settings } from "./context";
import { stream } from "./live/stream";
import { addressOf, choose, go } from "./url";

const goes: Record<string, string> = { b: "/board", h: "/holds", a: "/alerts", l: "/limits", p: "/policy", i: "/health", u: "/audit" };

export const keysOff = (settings: Settings) => settings.keysOff === true;

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !(target instanceof HTMLInputElement && target.type === "checkbox");

/** Single keys that work everywhere. Typing and dialogs silence them. */
export function useKeys(help: (on: boolean) => void) {
  const { settings, compact, keep } = useShared();
  useEffect(() => {
    let wentAt = 0;
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        document.getElementById("search")?.focus();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]") || keysOff(settings)) return;
      if (Date.now() - wentAt < 1_000 && goes[event.key]) {
        wentAt = 0;
        go(addressOf(goes[event.key]!));
      } else if (event.key === "g") {
        wentAt = Date.now();
        return;
      } else if (event.key === "?") help(true);
      else if (event.key === "/") document.getElementById("search")?.focus();
      else if (event.key === "p") stream.pause(!stream.statusOf().paused);
      else if (event.key === "f") document.querySelector<HTMLElement>("[data-filters] select, [data-filters] button, [data-filters] input")?.focus();
      else if (event.key === "d") {
        keep({ density: compact ? undefined : "compact" });
        choose({ d: null }, true);
      } else return;
      wentAt = 0;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [settings, compact]);
}

/** Keys of one screen, by letter. */
export function useScreenKeys(keys: Record<string, () => void>) {
  const { settings } = useShared();
  // Before the next key: an effect that waits for the paint would hear it with what stood before this one.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]") || keysOff(settings)) return;
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
