// Made of docs/openapi.json by `npm run types`; a test compares the two.

export interface Ageing {
  notDue: null | string;
  days1To30: null | string;
  days31To60: null | string;
  days61To90: null | string;
  days91To180: null | string;
  daysAbove180: null | string;
}

export interface Aggregates {
  by: null | string;
  groups: Group[];
}

export interface Alert {
  id: null | string;
  rule: null | string;
  severity: null | string;
  state: null | string;
  handling: null | string;
  handledBy: null | string;
  handledAt: null | string;
  tag: null | string;
  customer: null | string;
  name: null | string;
  about: null | string;
  step: null | number;
  title: null | string;
  titleZh: null | string;
  currency: null | string;
  exposure: null | string;
  limit: null | string;
  clears: null | string;
  policyVersion: null | number;
  raisedAt: null | string;
  changedAt: null | string;
  takeBy: null | string;
  mutedBy: null | string;
  mutedWhy: null | string;
  entry: null | string;
  version: null | number;
}

export interface AlertActDone {
  outcome: null | string;
}

export interface AlertNote {
  at: null | string;
  actor: null | string;
  act: null | string;
  text: null | string;
}

export interface AlertNotes {
  notes: AlertNote[];
}

export interface AlertTags {
  from: null | string;
  rules: AlertTagsOfRule[];
  proposals: ThresholdProposal[];
}

export interface AlertTagsOfRule {
  rule: null | string;
  told: null | number;
  handled: null | number;
  useful: null | number;
  noise: null | number;
  noiseBp: null | number;
}

export interface Alerts {
  alerts: Alert[];
  cursor?: null | string;
}

export interface Anchoring {
  number: null | number;
  at: null | string;
  places: null | number;
  problem: null | string;
}

export interface Approvals {
  kinds: Deciders[];
  currency: null | string;
  directLimit: boolean;
  limitRaiseFactor: null | number;
  limitCap: null | string;
  twoApproversAbove: null | string;
}

export interface AsOf {
  partition: null | number;
  seq: null | number;
  index?: null | number;
}

export interface BalanceDifference {
  customer: null | string;
  name: null | string;
  company: null | string;
  currency: null | string;
  ours: null | string;
  theirs: null | string;
  difference: null | string;
  unapplied: null | string;
  differenceInAll: null | string;
  side: null | string;
}

export interface Board {
  total: null | number;
  page: null | number;
  size: null | number;
  asOf: null | string;
  sums: BoardSums[];
  rows: BoardRow[];
}

export interface BoardLineOf {
  customer: null | string;
  currency: null | string;
  points: LinePoint[];
}

export interface BoardLines {
  rows: BoardLineOf[];
}

export interface BoardRow {
  id: null | string;
  n?: null | string;
  g?: null | string;
  y?: null | string;
  o?: null | string;
  b: null | number;
  c: null | string;
  k?: null | string;
  l?: null | string;
  e: null | string;
  u?: null | number;
  a?: null | string;
  d?: null | string;
  t?: null | number;
  h?: null | number;
  r?: null | string;
  q?: null | string;
  x?: null | string;
  p: null | number;
}

export interface BoardSums {
  currency: null | string;
  customers: null | number;
  overLimit: null | number;
  heldOrders: null | number;
  gross: null | string;
  netRisk: null | string;
  limit: null | string;
  over: null | string;
  overdue: null | string;
  overdue30: null | string;
  overdue60: null | string;
  overdue90: null | string;
  held: null | string;
  unapplied: null | string;
}

export interface BoardWords {
  segments: string[];
  countries: string[];
  controllers: string[];
  groups: string[];
  watchBp: null | number;
  criticalBp: null | number;
  breachBp: null | number;
  baseCurrency: null | string;
}

export interface BulkResult {
  customer: null | string;
  order: null | string;
  status: null | number;
  code: null | string;
  detail: null | string;
  by: null | string;
}

export interface BulkResults {
  results: BulkResult[];
}

export interface CardScore {
  target: null | string;
  version: null | string;
  isShadow: boolean;
  points: null | number;
  chancePpm: null | number;
  base: null | number;
  factors: FactorShare[];
}

export interface Chain {
  provedAt: null | string;
  violation: null | string;
  partitions: ChainOfPartition[];
  prunedBase: null | number;
  anchors: Anchoring;
}

export interface ChainOfPartition {
  partition: null | number;
  epoch: null | number;
  head: null | number;
  headHash: null | string;
  provedFrom: null | number;
  provedUpTo: null | number;
}

export interface Channel {
  name: null | string;
  health: null | string;
  reason: null | string;
  waiting: null | number;
  lastSuccess: null | string;
}

export interface ChannelCredential {
  field: null | string;
  ends: null | string;
  setBy: null | string;
  approvedBy: null | string;
  setAt: null | string;
}

export interface ChannelCredentials {
  credentials: ChannelCredential[];
}

export interface ChannelTested {
  outcome: null | string;
  answer: null | string;
  messageId: null | string;
}

export interface Channels {
  channels: Channel[];
}

export interface CheckStep {
  rule: null | string;
  state: null | string;
  why: null | string;
}

export interface Commanded {
  outcome: null | string;
  asOf: AsOf;
  effects: Record<string, unknown>[];
  notYet?: number[];
}

export interface CompanyTotal {
  company: null | string;
  currency: null | string;
  ours: null | string;
  theirs: null | string;
  difference: null | string;
  unapplied: null | string;
  balances: null | number;
  differing: null | number;
}

export interface Components {
  openOrders: null | string;
  ordersBeyondHorizon: null | string;
  held: null | string;
  delivered: null | string;
  billed: null | string;
  receivables: null | string;
  acceptances: null | string;
  paymentsAtRisk: null | string;
  unapplied: null | string;
  reserved: null | string;
  external: null | string;
}

export interface Concentration {
  currency: null | string;
  customers: null | number;
  gross: null | string;
  tops: TopShare[];
  largest: LargestCustomer[];
  groups: LargestGroup[];
}

export interface Credit {
  id: null | string;
  kind: null | string;
  currency: null | string;
  amount: null | string;
  unallocated: null | string;
  cleared: boolean;
  returned: boolean;
}

export interface CreditFactor {
  name: null | string;
  weight: null | number;
  unit: null | string;
  value: null | string;
  points: null | number;
  part: null | number;
  asOf: null | string;
}

export interface CreditFigures {
  sales: null | string;
  receivables: null | string;
  dso: null | number;
  bestDso: null | number;
  daysDelinquent: null | number;
  countBackDso: null | number;
  ceiBp: null | number;
  turnover: null | number;
  overdueBp: null | number;
  over90Bp: null | number;
}

export interface CreditGroup {
  customer: null | string;
  name: null | string;
  parent: null | string;
  askedParent: null | string;
  path: GroupStep[];
  shareBp: null | number;
  outsideGroup: boolean;
  currency: null | string;
  limitKind: null | string;
  limit: null | string;
  ownUse: null | string;
  use: null | string;
  utilisationBp: null | number;
  lent: null | string;
  pool: null | string;
  asOf: AsOf;
  slices: GroupSlice[];
  members: GroupMember[];
  memberCount: null | number;
  notListed: null | number;
}

export interface CreditReview {
  lastOn: null | string;
  dueOn: null | string;
  reasons: ReviewReason[];
}

export interface CreditStanding {
  customer: null | string;
  asOfDay: null | string;
  currency: null | string;
  score: null | number;
  confidenceBp: null | number;
  mayRaise: boolean;
  grade: null | string;
  gradeOf: null | string;
  computedGrade: null | string;
  personGrade: null | string;
  personUntil: null | string;
  factors: CreditFactor[];
  supports: CreditSupports;
  figures: CreditFigures;
  review: CreditReview;
  provision: ProvisionSums;
  statement: FiledRatios;
}

export interface CreditSupports {
  pdPpm: null | number;
  termDays: null | number;
  eligibleLimit: null | string;
  reviewMonths: null | number;
  reviewBy: null | string;
  netRisk: null | string;
  lgdBp: null | number;
  expectedLoss: null | string;
}

export interface Customer {
  customer: null | string;
  name?: null | string;
  segment: null | string;
  country: null | string;
  controller: null | string;
  currency: null | string;
  gross: null | string;
  grossStatic: null | string;
  netRisk: null | string;
  creditBalance: null | string;
  limitKind: null | string;
  limit?: null | string;
  available?: null | string;
  utilisationBp?: null | number;
  netUtilisationBp?: null | number;
  breached: boolean;
  riskState: null | string;
  provisional: boolean;
  components: Components;
  ageing: Ageing;
  overdue: null | string;
  oldestDays: null | number;
  openOrderCount: null | number;
  openItemCount: null | number;
  heldOrderCount: null | number;
  rateMissing?: boolean;
  limitExpired?: boolean;
  daysLateThousandths: null | number;
  daysLateClippedThousandths: null | number;
  asOf: AsOf;
}

export interface CustomerScore {
  customer: null | string;
  asOf: null | string;
  readAt: null | string;
  paid: null | number;
  shares: ShrunkShare[];
  open: InvoiceScore[];
  remarks: string[];
  remarksZh: string[];
}

export interface DeadLetter {
  entry: null | string;
  outcome: null | string;
  reason?: null | string;
  arrival: null | string;
  stream?: null | string;
  offset?: null | number;
  event: Event;
  recordAsJson?: null | string;
  replays: Replay[];
  discards: Discard[];
}

export interface Deciders {
  kind: null | string;
  roles: string[];
}

export interface Decision {
  decision: null | string;
  whatIf: boolean;
  orderId?: null | string;
  amount: null | string;
  currency: null | string;
  reasons: DecisionReason[];
  gross: null | string;
  netRisk: null | string;
  limitKind: null | string;
  limit: null | string;
  available: null | string;
  afterThis: null | string;
  atLimit: boolean;
  limitCurrency: null | string;
  asOf: AsOf;
  policyVersion: null | number;
  limitVersion: null | number;
  staleness: null | string;
  grossWithHaircut: null | string;
  reservationId?: null | string;
  expiresAt?: null | string;
  excuse?: null | string;
}

export interface DecisionReason {
  step: null | string;
  ruleId: null | string;
  ruleVersion: null | number;
  reaction: null | string;
  observed: null | string;
  threshold: null | string;
  currency?: null | string;
  excess: null | string;
}

export interface Deliveries {
  deliveries: Delivery[];
  cursor?: null | string;
}

export interface Delivery {
  number: null | number;
  alert: null | string;
  transition: null | string;
  channel: null | string;
  route: null | string;
  severity: null | string;
  state: null | string;
  attempts: null | number;
  messageId: null | string;
  answer: null | string;
  mutedBy: null | string;
  createdAt: null | string;
  firstSentAt: null | string;
  changedAt: null | string;
}

export interface Discard {
  proposal: null | string;
  state: null | string;
  reason: null | string;
  proposedBy: null | string;
}

export interface Documents {
  customer: null | string;
  limitVersion: null | number;
  orders: Order[];
  items: Item[];
  credits: Credit[];
  holds: Hold[];
  reservations: Reservation[];
  limitRequests: LimitRequest[];
  signals: StandingSignal[];
  residues: Residue[];
  marks: Mark[];
  parked: Parked[];
}

export interface DunningTask {
  customer: null | string;
  item: null | string;
  level: null | number;
  channel: null | string;
  daysPastDue: null | number;
  currency: null | string;
  open: null | string;
}

export interface Ending {
  customer: null | string;
  name: null | string;
  kind: null | string;
  id: null | string;
  on: null | string;
  daysLeft: null | number;
  amount: null | string;
  currency: null | string;
}

export interface EndingCount {
  kind: null | string;
  count: null | number;
}

export interface Endings {
  today: null | string;
  days: null | number;
  isWhole: boolean;
  counts: EndingCount[];
  rows: Ending[];
}

export interface Entry {
  entry: null | string;
  outcome: null | string;
  reason?: null | string;
  arrival: null | string;
  stream?: null | string;
  offset?: null | number;
  event: Event;
}

export interface EntryEffect {
  before: PastFigures;
  after: PastFigures;
}

export interface Event {
  id: null | string;
  source: null | string;
  type: null | string;
  subject: null | string;
  time: null | string;
  data: Record<string, unknown>;
}

export interface EventResult {
  id?: null | string;
  outcome: null | string;
  reason?: null | string;
  detail?: null | string;
  entry: null | string;
  proposal?: null | string;
}

export interface EventResults {
  results: EventResult[];
}

export interface ExpectedPayment {
  on: null | string;
  from: null | string;
  until: null | string;
  claimedPpm: null | number;
  firstOn: null | string;
  isRenewed: boolean;
  isOver: boolean;
}

export interface ExplainedSignal {
  signalId: null | string;
  indicator: null | string;
  about: null | string;
  step: null | number;
  severity: null | string;
  raisedOn: null | string;
  raisedAt: null | string;
  condition: SignalCondition;
  was: null | string;
  clears: null | string;
  clearsZh: null | string;
  events: SourceEvent[];
  eventsCut: boolean;
}

export interface ExplainedSignals {
  customer: null | string;
  signals: ExplainedSignal[];
}

export interface FactorShare {
  factor: null | string;
  meaning: null | string;
  unit: null | string;
  value: null | number;
  points: null | number;
  madeOf: null | string;
}

export interface FiledRatios {
  periodEnd: null | string;
  model: null | string;
  zone: null | string;
  zThousandths: null | number;
  currentRatio: null | number;
  quickRatio: null | number;
  debtRatio: null | number;
  netMargin: null | number;
  isStale: boolean;
}

export interface Found {
  customers: FoundCustomer[];
  holds: FoundHold[];
  documents: FoundDocument[];
}

export interface FoundCustomer {
  id: null | string;
  name: null | string;
  segment: null | string;
  band: null | string;
}

export interface FoundDocument {
  customer: null | string;
  document: null | string;
  isOrder: boolean;
}

export interface FoundHold {
  customer: null | string;
  order: null | string;
}

export interface FreedOrder {
  orderId: null | string;
  amount: null | string;
  currency: null | string;
}

export interface GradeProvision {
  grade: null | string;
  customers: null | number;
  gross: null | string;
  covered: null | string;
  net: null | string;
  provision: null | string;
  buckets: ProvisionBucket[];
  specific: SpecificProvision;
  over30: null | string;
  over90: null | string;
  netRisk: null | string;
  expectedLoss: null | string;
}

export interface Group {
  name: null | string;
  currency: null | string;
  customers: null | number;
  gross: null | string;
  limit: null | string;
  receivables: null | string;
  overdue: null | string;
  breached: null | number;
  heldOrders: null | number;
}

export interface GroupMember {
  customer: null | string;
  name: null | string;
  memberCount: null | number;
  shareBp: null | number;
  slice: null | string;
  granted: null | string;
  forced: null | string;
  returned: null | string;
  use: null | string;
  asOf: AsOf;
  want: null | string;
  refused: boolean;
  recalled: boolean;
  outsideGroup: boolean;
  former: boolean;
}

export interface GroupSlice {
  parent: null | string;
  currency: null | string;
  limitKind: null | string;
  limit: null | string;
  slice: null | string;
  granted: null | string;
  forced: null | string;
  returned: null | string;
  want: null | string;
  recalled: boolean;
  former: boolean;
}

export interface GroupStep {
  customer: null | string;
  name: null | string;
}

export interface History {
  entries: HistoryEntry[];
  prunedUpTo: null | string;
  cursor: null | string;
}

export interface HistoryEntry {
  entry: null | string;
  type: null | string;
  document: null | string;
  eventId: null | string;
  source: null | string;
  stream: null | string;
  offset: null | number;
  time: null | string;
  arrival: null | string;
  outcome: null | string;
  reason: null | string;
}

export interface Hold {
  customer: null | string;
  holdId: null | string;
  orderId: null | string;
  amount: null | string;
  currency: null | string;
  state: null | string;
  forced: boolean;
  createdAt: null | string;
  requestedBy: null | string;
  requestReason: null | string;
  needs: null | string;
  escalated: boolean;
  orderVersion: null | number;
  lapsesAt: null | string;
  reasons: Reason[];
}

export interface HoldNote {
  at: null | string;
  by: null | string;
  kind: null | string;
  text: null | string;
  to: null | string;
  amount: null | string;
  until: null | string;
}

export interface HoldNotes {
  assignedTo: null | string;
  notes: HoldNote[];
}

export interface Holds {
  holds: Hold[];
  cursor?: null | string;
}

export interface HoldsMatching {
  total: null | number;
  holds: Record<string, unknown>[];
}

export interface InvoiceScore {
  document: null | string;
  currency: null | string;
  issuedOn: null | string;
  dueOn: null | string;
  left: null | string;
  expected: ExpectedPayment;
  scores: CardScore[];
  facts: ScoreFacts;
}

export interface Item {
  itemId: null | string;
  currency: null | string;
  amount: null | string;
  open: null | string;
  issuedOn: null | string;
  dueOn: null | string;
  disputed: null | string;
  daysPastDue: null | number;
  bucketSince: null | string;
}

export interface Key {
  prefix: null | string;
  subject: null | string;
  roles: string[];
  authority: null | string;
  segments: string[];
  mayCarryAuthority: boolean;
  state: null | string;
  createdAt: null | string;
  createdBy: null | string;
  approvedBy: null | string;
  expiresAt: null | string;
  endedAt: null | string;
}

export interface KeyMade {
  key: null | string;
  stored: Key;
  proposal: Proposal;
}

export interface Keys {
  keys: Key[];
}

export interface LargestCustomer {
  customer: null | string;
  name: null | string;
  band: null | string;
  gross: null | string;
  shareBp: null | number;
}

export interface LargestGroup {
  group: null | string;
  name: null | string;
  customers: null | number;
  gross: null | string;
  shareBp: null | number;
}

export interface LedgerCompared {
  answer: null | string;
  matched: null | number;
  differences: LedgerDifference[];
}

export interface LedgerDifference {
  document: null | string;
  ours: null | string;
  theirs: null | string;
}

export interface Letter {
  id: null | string;
  kind: null | string;
  level: null | number;
  currency: null | string;
  total: null | string;
  on: null | string;
  items: string[];
  approvedBy: null | string;
  state: null | string;
  answer: null | string;
  at: null | string;
}

export interface LetterContact {
  email: null | string;
  name: null | string;
  language: null | string;
}

export interface LetterDraft {
  id: null | string;
  customer: null | string;
  kind: null | string;
  level: null | number;
  currency: null | string;
  total: null | string;
  to: null | string;
  subject: null | string;
  text: null | string;
  items: string[];
}

export interface LetterDrafts {
  drafts: LetterDraft[];
  tasks: DunningTask[];
}

export interface LetterLeft {
  customer: null | string;
  reason: null | string;
  detail: null | string;
}

export interface LetterRun {
  customers: null | number;
  drafts: LetterDraft[];
  tasks: DunningTask[];
  left: LetterLeft[];
  next: null | string;
}

export interface Letters {
  letters: Letter[];
}

export interface Limit {
  customer: null | string;
  version: null | number;
  kind: null | string;
  effective: null | string;
  currency: null | string;
  expired: boolean;
  eligibleMax: null | string;
  mandatory: boolean;
  steps: LimitStep[];
  temporary: TemporaryLimit[];
  seasons: Season[];
  requests: LimitRequest[];
}

export interface LimitEffect {
  reason: null | string;
  kind: null | string;
  limit: null | string;
  gross: null | string;
  utilisationBp: null | number;
  frees: FreedOrder[];
  stays: null | number;
}

export interface LimitGap {
  customer: null | string;
  name: null | string;
  limitKind: null | string;
  limit: null | string;
  insured: null | string;
  gross: null | string;
  currency: null | string;
  reviewedOn: null | string;
}

export interface LimitGaps {
  today: null | string;
  kind: null | string;
  isWhole: boolean;
  total: null | number;
  rows: LimitGap[];
}

export interface LimitRequest {
  requestId: null | string;
  kind: null | string;
  amount: null | string;
  currency: null | string;
  actor: null | string;
  reason: null | string;
  lapsesAt: null | string;
}

export interface LimitStep {
  from: null | string;
  to: null | string;
  kind: null | string;
  amount: null | string;
}

export interface LinePoint {
  at: null | string;
  gross: null | string;
}

export interface Looking {
  by: null | string;
  until: null | string;
}

export interface Mark {
  mark: null | string;
  document: null | string;
  currency: null | string;
  amount: null | string;
}

export interface Mover {
  customer: null | string;
  name: null | string;
  band: null | string;
  currency: null | string;
  was: null | string;
  now: null | string;
  change: null | string;
  utilisationWas: null | number;
  utilisation: null | number;
}

export interface Movers {
  since: null | string;
  by: null | string;
  rows: Mover[];
}

export interface Order {
  customer: null | string;
  orderId: null | string;
  currency: null | string;
  ordered: null | string;
  delivered: null | string;
  undelivered: null | string;
  deliveredNotInvoiced: null | string;
  state: null | string;
  status: null | string;
  shipOn: null | string;
  priority: null | number;
  version: null | number;
}

export interface OrderWithHold {
  order: Order;
  hold: Hold;
  limitVersion: null | number;
  steps: CheckStep[];
}

export interface Orders {
  customer?: null | string;
  orders: Order[];
  cursor?: null | string;
}

export interface Parked {
  type: null | string;
  eventId: null | string;
  waitsFor: null | string;
  until: null | string;
}

export interface PartitionStanding {
  partition: null | number;
  isHere: boolean;
  serves: boolean;
  why: null | string;
  epoch: null | number;
  head: null | number;
  rules: null | number;
  shown: null | number;
  recovery: RecoveryProgress;
}

export interface Partitions {
  queued: null | number;
  commitP50Micros: null | number;
  commitP99Micros: null | number;
  partitions: PartitionStanding[];
}

export interface PastFigures {
  asOfDay: null | string;
  currency: null | string;
  gross: null | string;
  grossStatic: null | string;
  netRisk: null | string;
  creditBalance: null | string;
  limitKind: null | string;
  limit?: null | string;
  available?: null | string;
  utilisationBp?: null | number;
  netUtilisationBp?: null | number;
  breached: boolean;
  riskState: null | string;
  provisional: boolean;
  components: Components;
  ageing: Ageing;
  overdue: null | string;
  oldestDays: null | number;
  openOrderCount: null | number;
  openItemCount: null | number;
  heldOrderCount: null | number;
  rateMissing?: boolean;
  limitExpired?: boolean;
  daysLateThousandths: null | number;
  daysLateClippedThousandths: null | number;
}

export interface Payment {
  paymentId: null | string;
  on: null | string;
  isReturned: boolean;
  amount: null | string;
  currency: null | string;
}

export interface Payments {
  since: null | string;
  payments: Payment[];
}

export interface Policy {
  policyId: null | string;
  version: null | number;
  parameters: PolicyParameter[];
  waiting: WaitingPolicy[];
  reasonCodes: ReasonCode[];
}

export interface PolicyParameter {
  name: null | string;
  value: null | string;
}

export interface PolicyParameterTold {
  name: null | string;
  default: null | string;
  least: null | string;
  most: null | string;
  meaning: null | string;
}

export interface PolicyParameters {
  parameters: PolicyParameterTold[];
}

export interface PolicyTrial {
  asOf: null | string;
  baseCurrency: null | string;
  objections: string[];
  inForceVersion: null | number;
  customers: null | number;
  bands: TrialBand[];
  moves: TrialMove[];
  wouldHold: TrialOrders;
  wouldFree: TrialOrders;
  releasedAtOnce: null | number;
  signalsRaised: null | number;
  signalsResolved: null | number;
  past: TrialPast;
}

export interface Portfolio {
  total: null | number;
  customers: Customer[];
  cursor?: null | string;
}

export interface PortfolioProvision {
  asOfDay: null | string;
  currency: null | string;
  isWhole: boolean;
  rates: ProvisionRate[];
  whole: ProvisionSums;
  grades: GradeProvision[];
}

export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  traceId?: string;
}

export interface Promise {
  promiseId: null | string;
  amount: null | string;
  currency: null | string;
  madeOn: null | string;
  promisedOn: null | string;
  items: string[];
  madeBy: null | string;
  state: null | string;
}

export interface Promises {
  promises: Promise[];
}

export interface Proposal {
  id: null | string;
  kind: null | string;
  customer: null | string;
  state: null | string;
  proposedBy: null | string;
  proposedAt: null | string;
  lapsesAfter: null | string;
  approvedBy: string[];
  rejectedBy: null | string;
  decidedAt: null | string;
  reason: null | string;
  entry: null | string;
  failure: null | string;
  proposed: unknown;
  notYet?: number[];
}

export interface Proposals {
  proposals: Proposal[];
}

export interface ProvisionBucket {
  bucket: null | string;
  gross: null | string;
  covered: null | string;
  net: null | string;
  provision: null | string;
}

export interface ProvisionRate {
  bucket: null | string;
  ratePpm: null | number;
}

export interface ProvisionSums {
  customers: null | number;
  gross: null | string;
  covered: null | string;
  net: null | string;
  provision: null | string;
  buckets: ProvisionBucket[];
  specific: SpecificProvision;
  over30: null | string;
  over90: null | string;
  netRisk: null | string;
  expectedLoss: null | string;
}

export interface Rate {
  from: null | string;
  rate: null | string;
  asOf: null | string;
}

export interface Rates {
  baseCurrency: null | string;
  rates: Rate[];
}

export interface Reason {
  rule: null | string;
  reaction: null | string;
  observed: null | string;
  threshold: null | string;
  excess: null | string;
  currency: null | string;
  stillValid: boolean;
  ruleVersion: null | number;
  position: null | string;
}

export interface ReasonCode {
  code: null | string;
  forRelease: boolean;
  forRefusal: boolean;
  asksForDay: boolean;
}

export interface Reconciliation {
  state: null | string;
  askedAt: null | string;
  askedBy: null | string;
  why: null | string;
  whyDetail: null | string;
  baseCurrency: null | string;
  report: ReconciliationReport;
}

export interface ReconciliationAsked {
  state: null | string;
  askedAt: null | string;
  asOf: null | string;
  rows: null | number;
}

export interface ReconciliationReport {
  asOf: null | string;
  agrees: boolean;
  balances: null | number;
  differing: null | number;
  onlyOurs: null | number;
  onlyTheirs: null | number;
  rows: null | number;
  rowsLeftOut: null | number;
  documentsWithoutCompany: null | number;
  prunedUpTo: null | string;
  totals: CompanyTotal[];
  differences: BalanceDifference[];
}

export interface Records {
  rows: Record<string, unknown>[];
  cursor?: null | string;
}

export interface RecoveryProgress {
  accounts: null | number;
  accountsAll: null | number;
  frames: null | number;
  framesAll: null | number;
}

export interface Replay {
  proposal: null | string;
  state: null | string;
  entry: null | string;
}

export interface Reservation {
  reservationId: null | string;
  orderId: null | string;
  amount: null | string;
  currency: null | string;
  expiresAt: null | string;
}

export interface Residue {
  name: null | string;
  currency: null | string;
  amount: null | string;
}

export interface ReviewReason {
  cause: null | string;
  about: null | string;
  on: null | string;
}

export interface SavedView {
  id: null | string;
  name: null | string;
  address: null | string;
  shared: boolean;
  owner: null | string;
}

export interface SavedViews {
  views: SavedView[];
}

export interface SchemaOfEvent {
  type: null | string;
  direction: null | string;
  schema: null | string;
}

export interface Schemas {
  schemas: SchemaOfEvent[];
}

export interface ScoreFact {
  entry: null | string;
  type: null | string;
  id: null | string;
  source: null | string;
  time: null | string;
  document: null | string;
}

export interface ScoreFacts {
  invoice: ScoreFact[];
  payments: ScoreFact[];
  open: ScoreFact[];
}

export interface ScorecardLine {
  id: null | string;
  target: null | string;
  use: null | string;
  state: null | string;
  version: null | string;
  sha256: null | string;
  characters: null | number;
  proposedBy: null | string;
  proposedAt: null | string;
  lapsesAfter: null | string;
  approvedBy: string[];
  rejectedBy: null | string;
  decidedAt: null | string;
  endedAt: null | string;
  reason: null | string;
}

export interface Scorecards {
  cards: ScorecardLine[];
}

export interface Season {
  seasonId: null | string;
  fromMonthDay: null | number;
  toMonthDay: null | number;
  upliftBp: null | number;
}

export interface ShrunkShare {
  days: null | number;
  late: null | number;
  bookPpm: null | number;
  ppm: null | number;
  isClean: boolean;
  target: null | string;
  serves: boolean;
  whyCode: null | string;
  why: null | string;
}

export interface SignalCondition {
  observed: null | string;
  threshold: null | string;
  unit: null | string;
  step: null | number;
  severity: null | string;
  moved: null | string;
  ruleVersion: null | number;
  baselineCount: null | number;
  baselineMedian: null | string;
  baselineMad: null | string;
}

export interface Silence {
  id: null | string;
  matchers: string[];
  startsAt: null | string;
  endsAt: null | string;
  untilResolved: boolean;
  betterAtBp: null | number;
  creator: null | string;
  comment: null | string;
}

export interface Silences {
  silences: Silence[];
}

export interface SourceEvent {
  entry: null | string;
  eventId: null | string;
  source: null | string;
  type: null | string;
  time: null | string;
  document: null | string;
}

export interface SourceFigures {
  source: null | string;
  lastAt: null | string;
  lastMinute: null | number;
  applied: null | number;
  duplicates: null | number;
  conflicting: null | number;
  parked: null | number;
  superseded: null | number;
  refused: null | number;
  undecodable: null | number;
}

export interface Sources {
  sources: SourceFigures[];
}

export interface SpecificProvision {
  gross: null | string;
  covered: null | string;
  net: null | string;
  provision: null | string;
}

export interface StandingSignal {
  indicator: null | string;
  about: null | string;
  step: null | number;
  severity: null | string;
}

export interface Statement {
  statementId: null | string;
  from: null | string;
  to: null | string;
  currency: null | string;
  opening: null | string;
  closing: null | string;
  answer: null | string;
  differences: StatementDifference[];
}

export interface StatementDifference {
  docId: null | string;
  ours: null | string;
  theirs: null | string;
}

export interface Statements {
  statements: Statement[];
}

export interface Switch {
  on: boolean;
  notYet: number[];
}

export interface TemporaryLimit {
  temporaryId: null | string;
  amount: null | string;
  currency: null | string;
  from: null | string;
  to: null | string;
  orders: string[];
  once: boolean;
  consumed: boolean;
  ended: boolean;
}

export interface ThresholdProposal {
  rule: null | string;
  parameter: null | string;
  stands: null | string;
  proposed: null | string;
  noise: null | number;
  noiseSpared: null | number;
  useful: null | number;
  usefulLost: null | number;
}

export interface Tile {
  id: null | string;
  count: null | number;
  sums: BoardSums[];
}

export interface TileSample {
  at: null | string;
  tiles: Tile[];
}

export interface TileTrend {
  releasedByRuleToday: null | number;
  was: TileSample;
  samples: TileSample[];
}

export interface Tiles {
  tiles: Tile[];
}

export interface TopShare {
  top: null | number;
  gross: null | string;
  shareBp: null | number;
}

export interface TrialBand {
  band: null | number;
  before: null | number;
  after: null | number;
}

export interface TrialMove {
  from: null | number;
  to: null | number;
  customers: null | number;
}

export interface TrialOrder {
  customer: null | string;
  orderId: null | string;
  amount: null | string;
  currency: null | string;
  rules: string[];
}

export interface TrialOrders {
  count: null | number;
  amount: null | string;
  largest: TrialOrder[];
}

export interface TrialPast {
  days: null | number;
  from: null | string;
  entries: null | number;
  real: TrialSide;
  drafted: TrialSide;
  added: TrialOrders;
  removed: TrialOrders;
  writtenOff: null | string;
  writeOffsAvoided: null | string;
}

export interface TrialSide {
  held: null | number;
  heldAmount: null | string;
  minutesOnHold: null | number;
  releasedByRule: null | number;
  signals: null | number;
  signalsPerDayThousandths: null | number;
  severe: null | number;
}

export interface UserMade {
  password: null | string;
  user: Key;
  proposal: Proposal;
}

export interface Users {
  users: Key[];
}

export interface WaitingPolicy {
  version: null | number;
  effectiveAt: null | string;
  parameters: PolicyParameter[];
}

export interface WarningMark {
  takenBy: null | string;
  takenAt: null | string;
  snoozedUntil: null | string;
  resolvedBy: null | string;
  note: null | string;
  tag: null | string;
  snoozedBelowBp: null | number;
}

export interface Warnings {
  warnings: Record<string, unknown>[];
}
