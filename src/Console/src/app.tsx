import { useEffect } from "react";
import { Provider, useShared } from "./context";
import { Missing } from "./parts/basics";
import { later } from "./parts/later";
import { Board } from "./screens/board";
import { SignIn } from "./screens/sign-in";
import { Shell } from "./shell";
import { go, usePlace } from "./url";

// The board comes at once; every other screen when somebody goes there.
const Alerts = later(() => import("./screens/alerts").then((m) => m.Alerts));
const Audit = later(() => import("./screens/audit").then((m) => m.Audit));
const Customer = later(() => import("./screens/customer").then((m) => m.Customer));
const EventPage = later(() => import("./screens/event").then((m) => m.EventPage));
const Group = later(() => import("./screens/group").then((m) => m.Group));
const Holds = later(() => import("./screens/holds").then((m) => m.Holds));
const Limits = later(() => import("./screens/limits").then((m) => m.Limits));
const OneRequest = later(() => import("./screens/limits").then((m) => m.OneRequest));
const Policy = later(() => import("./screens/policy").then((m) => m.Policy));
const Settings = later(() => import("./screens/settings").then((m) => m.Settings));
const Views = later(() => import("./screens/views").then((m) => m.Views));
const Health = later(() => import("./screens/health").then((m) => m.Health));
const DeadLetters = later(() => import("./screens/dead-letters").then((m) => m.DeadLetters));

export function App() {
  return (
    <Provider signIn={(about, again) => <SignIn about={about} again={again} />}>
      <Shell>
        <Screen />
      </Shell>
    </Provider>
  );
}

function Screen() {
  const { path } = usePlace();
  const { words, may } = useShared();
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  const [first, second, third, fourth] = parts;
  const reads = may("Viewer", "Analyst", "Approver", "PolicyOwner", "PolicyApprover", "Auditor");
  const section = first as keyof typeof words.nav | undefined;
  useEffect(() => {
    document.title = [second, section && words.nav[section], words.product].filter(Boolean).join(" · ");
    if (!first) go((reads ? "/board" : "/health") + location.search, true);
  }, [path, words]);
  if (first === "board" && reads) return <Board />;
  if (first === "customers" && second && reads) return third === "events" && fourth ? <EventPage key={fourth} customer={second} entry={fourth} /> : <Customer key={second} id={second} />;
  if (first === "groups" && second && reads) return <Group key={second} id={second} />;
  if (first === "holds" && reads) return <Holds customer={second} order={third} />;
  if (first === "alerts" && reads) return <Alerts id={second} />;
  if (first === "limits") return second === "requests" && third ? <OneRequest key={third} id={third} /> : <Limits />;
  if (first === "policy") return <Policy key={second} version={second} />;
  if (first === "health") return second === "dead-letters" ? <DeadLetters entry={third} /> : <Health />;
  if (first === "audit") return <Audit />;
  if (first === "views") return <Views />;
  if (first === "settings") return <Settings />;
  return first ? <Missing /> : null;
}
