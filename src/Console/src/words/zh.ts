import type { Words } from "./en";

/** 控制台的中文用语。键与英文相同，缺一个就不能编译。 */
export const zh: Words = {
  product: "ExposureMonitor",
  lang: "zh-CN",
  skip: "跳到正文",
  nav: { board: "看板", holds: "订单冻结", alerts: "预警", limits: "额度", policy: "信用政策", health: "运行状况", audit: "审计日志", views: "已存视图", settings: "设置", sections: "栏目" },
  common: {
    search: "搜索客户或订单", noHit: "没有找到", close: "关闭", cancel: "取消", save: "保存", remove: "移除", retry: "立即重试", more: "更多", loading: "正在加载", all: "全部", none: "无", of: "/", open: "打开",
    reload: "重新加载", export: "导出 CSV", columns: "列", density: "密度", compact: "紧凑", normal: "标准", copyLink: "复制链接", copied: "已复制", copy: "复制", figures: "显示数字", chart: "显示图形", asOf: "截至", now: "当前", then: "检查时",
    apply: "应用", back: "返回", yes: "是", no: "否", previous: "上一页", next: "下一页", page: "页", rows: "行", currency: "币种", select: "选择", selected: (n) => `已选 ${n} 项`, clear: "清除", actions: "操作", by: "由", dash: "–",
    trace: "跟踪号", unknown: "未找到", unknownText: "这里没有内容，或您无权查看。", account: "账户", name: "名称", time: "时间", from: "从", to: "到", value: "值", reason: "原因", state: "状态", kind: "类型",
  },
  live: {
    live: "实时", stale: "数据过期", disconnected: "连接中断", connecting: "正在连接", paused: "已暂停", pause: "暂停", resume: "继续", newer: (n) => `${n} 项更新`, seconds: (s) => `${s} 秒`, age: (s) => `${s} 秒前`,
    staleText: (at) => `自 ${at} 起没有新消息。数字可能已过期，暂不能作决定。`, lost: (at) => `连接已中断。最近的数字截至 ${at}。`, next: (s) => `${s} 秒后重试。`, feedStale: (at) => `有来源自 ${at} 起没有动静。`,
    partial: (share) => `${share} 的客户不是最新：有分区正在恢复，相关行以斜纹标出。`, decisionsWait: "数字恢复最新后才能作决定。", past: (at) => `历史：${at}。数字为当时记录，不能操作。`, toNow: "回到当前", status: "连接",
  },
  signIn: {
    title: "登录", name: "用户名", password: "密码", enter: "登录", wrong: "用户名或密码不正确。", wait: "尝试次数过多，请等半分钟。", unreachable: "服务没有响应。", out: "退出登录", change: "设置密码", changeText: "当前密码由他人给出。请设置自己的密码，至少 12 个字符。",
    old: "当前密码", fresh: "新密码", weak: "至少 12 个字符，且不含用户名。", provider: "或使用以下方式登录：", ends: (t) => `若无操作，将于 ${t} 退出登录。`, stay: "保持登录", noService: "本服务只能用密钥访问。", intro: "实时信用敞口", changed: "密码已更改。",
  },
  roles: { Viewer: "查看者", Analyst: "信用分析员", Approver: "审批人", PolicyOwner: "政策制定人", PolicyApprover: "政策审批人", Admin: "管理员", Auditor: "审计员", Service: "系统服务" },
  bands: { none: "无额度", within: "额度内", watch: "关注", critical: "紧急", over: "超额", breach: "严重超额" },
  states: { OnHold: "已冻结", PendingApproval: "待复核", ReadyToRelease: "可放行", Released: "已放行", Rejected: "已驳回", Accepted: "已接受", Unknown: "已预告" },
  risk: { Normal: "正常", Watch: "关注", Warning: "警告", Restricted: "受限", Stopped: "停止赊销" },
  board: {
    title: "客户组合看板", band: "区间", customer: "客户", name: "名称", segment: "信用段", country: "国家", owner: "负责人", risk: "风险状态", limit: "信用额度", exposure: "信用敞口", utilisation: "额度使用率", available: "可用额度", overdue: "逾期", days: "最长逾期天数",
    held: "冻结订单", me: "我的客户", everybody: "全部负责人", allSegments: "全部信用段", caption: "客户的信用敞口、额度与逾期金额", total: (n) => `${n} 个客户`, orderChanged: "排序已变化，点此刷新", newRows: "显示最新排序", snapshot: (t) => `快照时间 ${t}`,
    exposureTile: "信用敞口", limitTile: "信用额度", overTile: "超额", breachTile: "严重超额", overdue30: "逾期超过 30 天", overdue60: "逾期超过 60 天", overdue90: "逾期超过 90 天", heldTile: "订单冻结", unappliedTile: "未核销收款", customers: (n) => `${n} 个客户`, orders: (n) => `${n} 个订单`,
    bands: "各区间客户数", ranking: "排名", rankUtil: "额度使用率", rankExposure: "信用敞口", rankOver: "超额金额", rankOverdue: "逾期金额", rankDays: "最长逾期天数", rankHeld: "冻结金额", filters: "筛选", overdueDays: (n) => `逾期超过 ${n} 天`, heldOnly: "有冻结订单", unappliedOnly: "有未核销收款",
    emptyFirst: "还没有客户。接入 Kafka、发送事件或导入账目后，客户会出现在这里。", emptyFiltered: "没有符合筛选条件的客户。", preview: "预览", openPage: "打开客户", lastEvents: "最近事件", openHolds: "冻结订单", noHolds: "没有冻结订单", noLimit: "无额度", unlimited: "不限额", concentration: "集中度", top: (n) => `前 ${n} 名`, gone: "已离开前列",
    totals: "列表合计",
  },
  customer: {
    title: "客户", code: "代码", group: "集团", asOf: "截至", permanent: "固定额度", temporary: "临时额度", until: (d, n) => `至 ${d}，剩 ${n} 天`, reservations: "额度预占", exposure: "信用敞口", netRisk: "净风险敞口", available: "可用额度", over: "超额金额", utilisation: "额度使用率",
    tabs: { overview: "概览", items: "未清项", orders: "订单", events: "事件", signals: "预警信号", history: "冻结与额度", whatIf: "试算" },
    waterfall: "敞口构成", ageing: "应收账龄", timeline: "额度使用率走势", components: { receivables: "未清应收款", delivered: "已发货未开票", billed: "已开票未入账", openOrders: "未交订单", ordersBeyondHorizon: "期限外订单", acceptances: "应收票据", paymentsAtRisk: "在途款", reserved: "额度预占", external: "外部敞口", held: "冻结订单", unapplied: "未核销收款与贷项" },
    sumNote: (bar, items) => `柱值 ${bar}，明细合计 ${items}`, notCounted: "不计入", less: "减", buckets: ["未到期", "1–30 天", "31–60 天", "61–90 天", "91–180 天", "180 天以上"], noItems: "没有未清项，额度照常有效。", creditsApart: "未核销收款与贷项通知单单独列示，不会悄悄抵减。",
    item: "凭证", issued: "开具日", due: "到期日", original: "原金额", openAmount: "未清金额", pastDue: "逾期天数", disputed: "争议金额", order: "订单", ordered: "订单金额", undelivered: "未交金额", ships: "发货日", source: "来源位置", entry: "流水日志位置", type: "事件", outcome: "结果", arrived: "到达时间", document: "凭证", eventId: "事件编号",
    event: "事件", stream: "主题与分区", offset: "偏移量", viaHttp: "经 HTTP 或文件", data: "事件内容", indicator: "信号", threshold: "阈值", clears: "解除条件", noSignals: "没有触发中的预警信号。", whatIfText: "按真实规则做一次信用检查，不产生影响，也不预占额度。", simulation: "试算", amount: "金额", check: "检查", decision: "结论", afterThis: "此后敞口", days: "天",
    late: (n) => `${n} 天`, noEvents: "还没有记录。", brush: "在图上拖动，可查看当时的页面。", setLimit: "申请额度", stop: "停止赊销", noTimeline: "走势从第一笔订单决定开始。", limit: "额度", loadMore: "更早的记录", headroom: "余量", excess: "超出",
  },
  holds: {
    title: "订单冻结队列", tabs: { decide: "待处理", confirm: "待复核", decided: "已处理", all: "全部" }, orderedBy: "冻结最久的在前", order: "订单", customer: "客户", amount: "金额", rule: "触发规则", overThen: "检查时超额", overNow: "当前超额", overdueNow: "当前逾期", age: "时长", ships: "发货日", requested: "经办人", taken: "处理中", state: "状态",
    caption: "冻结的订单", news: (n) => `新增 ${n} 个`, empty: "没有冻结的订单。", emptyConfirm: "没有等您复核的订单。", emptyDecided: "还没有处理记录。", last: (t, who) => `最近一次处理：${t}，${who}。`, by: (who) => `由 ${who} 处理`, cured: (what) => `按规则自动放行：${what}`, checks: "冻结原因", passed: "现已通过", failed: "未通过", excess: "超出", observed: "实际值", threshold: "阈值",
    figures: "检查时与当前的数字", payments: "经过", comments: "此前步骤", propose: "提请放行", proposeOf: (a) => `提请放行 ${a}`, reject: "驳回订单", confirm: "复核放行", confirmOf: (a) => `复核放行 ${a}`, turnDown: "退回", takeNext: "处理下一个", code: "原因代码", text: "原因，至少 10 个字符", textHint: "写给下一位处理人，将与此刻的数字一并保存。", expectedOn: "预计到账日",
    needText: "请至少写 10 个字符。", needCode: "请选择原因代码。", needDay: "请填写预计到账日。", own: "这是您提请的，须由他人复核。", authority: (need, have) => `需要审批权限金额 ${need}，您的权限为 ${have}。`, taken2: (who) => `${who} 正在查看此订单。`, conflict: (who) => `${who} 已先行处理。您写的内容保留在下方。`, gone: "此订单已不在冻结中。", waits: "等待服务器确认", proposedBy: (who, t) => `${who} 于 ${t} 提请放行。`, reasonGiven: "提请原因",
    done: { propose: "已提请，待他人复核。", confirm: "已放行，并已通知订单系统。", reject: "已驳回。", turnDown: "已退回，订单仍冻结。" }, message: "给订单系统的消息", sent: "已决定", acknowledged: "已确认收到", pendingAck: "尚未确认收到", moved: "提请之后数字有变动，请再看一次。", forced: "人工冻结", bulk: "提请所选", bulkConfirm: "复核所选", bulkText: (n, sum) => `${n} 个订单，合计 ${sum}`, largest: "最大一笔", openFigures: "打开数字清单", result: "结果", noShared: "这些订单没有共同的规则，请按规则分别提请。",
    roleMissing: (role) => `需要角色：${role}。`, lapses: "第三个工作日结束时失效。", panel: "冻结详情", more: (shown, total) => `共 ${total} 个冻结订单，显示 ${shown} 个。`, chooseOne: "请选择一个订单，查看冻结原因。", global: "已全部冻结，现在不能放行。",
    codes: { PAYMENT_IN_TRANSIT: "在途款", PAYMENT_PROMISED: "承诺付款", DISPUTE_OF_OURS: "我方原因的争议", COVERED_OTHERWISE: "另有保障", SMALL_AMOUNT: "金额小", KEY_CUSTOMER: "重点客户", DATA_WRONG: "数据有误", OTHER: "其他", NO_PAYMENT: "未付款", RISK_TOO_HIGH: "风险过高", LIMIT_EXHAUSTED: "额度用尽", CUSTOMER_CANCELS: "客户取消" },
    steps: { "credit.order.held.v1": "冻结", "credit.order.released.v1": "放行", "credit.order.rejected.v1": "驳回", "hold.judged": "重新判断", "hold.ready-to-release": "可放行", "hold.release-requested": "提请放行", "hold.release-approved": "两人中一人已复核", "hold.release-rejected": "提请被退回", "hold.request-lapsed": "提请已失效", "hold.acknowledged": "订单系统已确认", "hold.escalated": "已升级", "hold.ended": "随订单结束", "hold.lifted": "解除人工冻结" },
  },
  outcomes: { Applied: "已入账", Duplicate: "重复", ConflictingDuplicate: "冲突重复", Refused: "已拒收", Parked: "暂挂", Superseded: "已被取代", Undecodable: "无法解读" },
  rules: {
    "010": "全部未交订单合计超过额度", "020": "单据占额度比例过大", "030": "加上此订单后敞口超过额度", "100": "催收等级过高", "110": "有未清项逾期过久", OV: "逾期占比过大", "120": "付款指数过低", R1: "有单据逾期过久", R2: "账户已被封锁", R3: "预付条件下尚未预付", R4: "额度已到期", R5: "逾期且额度使用较高", R6: "订单金额过大", R7: "额度占用比例过大", R8: "付款条件长于约定", R9: "折扣高于约定",
    FORCED: "人工冻结", RISK_STATE: "停止赊销", NO_LIMIT: "尚未核定额度", LIMIT_EXPIRED: "额度已到期", FX_MISSING: "缺少汇率", FX_STALE: "汇率过旧", FEED_STALE: "有来源没有动静", PAYMENT_RETURNED: "有收款被退回", GLOBAL_HOLD: "全部冻结", CUSTOMER_CLOSED: "客户已关闭", HORIZON: "订单进入期限", PLAN: "还款计划未履行", other: "信用政策规则",
  },
  alerts: {
    title: "预警", tabs: { firing: "触发中", resolved: "已解除", all: "全部" }, caption: "预警信号", severity: "严重程度", signal: "信号", customer: "客户", since: "自", value: "值", threshold: "触发值", clears: "解除条件", taken: "认领人", state: "状态", empty: "没有触发中的预警。", take: "认领", snooze: "明天 9:00 再提醒", resolve: "写说明并关闭", note: "说明，至少 10 个字符", snoozed: (t) => `${t} 再提醒`, resolvedBy: (who) => `已由 ${who} 关闭`, conflict: (who) => `${who} 已认领。`,
    states: { "credit.signal.raised.v1": "触发中", "credit.signal.resolved.v1": "已解除", "credit.signal.retracted.v1": "已撤回（证实不成立）" }, severities: { Info: "提示", Low: "低", Medium: "中", High: "高", Critical: "严重" }, retracted: "后到的事件表明当时并非如此。", panel: "预警详情", flapping: (n) => `一天内反复 ${n} 次`,
    names: { "EW-01": "额度使用率", "EW-02": "超额持续过久", "EW-03": "订单有风险", "EW-04": "大额订单", "EW-05": "最早未清项逾期", "EW-06": "逾期占比", "EW-07": "逾期且使用率高", "EW-10": "长期逾期", "EW-11": "额度将到期", "EW-12": "临时额度到期仍需使用", "EW-13": "订单进入期限" },
  },
  limits: {
    title: "额度", waiting: "等待第二人", decided: "已处理", caption: "申请与提案", kind: "类型", customer: "客户", asked: "申请内容", by: "经办人", at: "时间", lapses: "失效日", approve: "批准", reject: "退回", empty: "没有等待第二人的事项。", own: "自己的申请须由他人处理。", changes: "额度变更", before: "变更前", after: "变更后", views: "查看", noLimit: "有敞口但无额度", overLimit: "超额", request: "申请额度", amount: "新额度", reason: "原因，至少 10 个字符", days: "有效天数（临时额度）", preview: "影响", utilAfter: "之后的额度使用率", direct: "在您的权限内，已立即生效。", asked2: "已申请，待他人批准。", permanent: "固定", temporary: "临时",
    kinds: { Policy: "信用政策", Rate: "汇率", Limit: "额度", TemporaryLimit: "临时额度", TemporaryLimitEnd: "提前结束临时额度", SeasonalLimit: "季节性额度", Cover: "保障", GradeOverride: "风险等级", Exemption: "豁免", DeadLetterReplay: "重放异常事件", GlobalHoldOff: "解除全部冻结", Key: "人员或密钥的权限", Admission: "接纳旧单据", Exclusion: "规则豁免", ForcedHoldLift: "解除人工冻结", StopLift: "恢复赊销" },
    proposalStates: { Open: "等待中", Approved: "已批准", Rejected: "已退回", Lapsed: "已失效", Failed: "未能生效" },
  },
  policy: {
    title: "信用政策", version: (v) => `第 ${v} 版生效中`, caption: "与默认值不同的参数", parameter: "参数", value: "值", none: "所有参数均为默认值。", draft: "起草新版本", draftText: "每行一个参数，写作“名称 = 值”，只写与默认值不同的。", propose: "提交草稿", drafts: "草稿", rates: "汇率", rate: "汇率", since: "截至", base: (c) => `本位币 ${c}`, order: "判断顺序", reaction: ["关闭", "忽略", "警告", "冻结", "拒绝"], bands: "区间", bandsText: (w, c, b) => `${w} 起为关注，${c} 起为紧急，${b} 起为严重超额。`, proposed: "已提交，待政策审批人处理。",
  },
  health: {
    title: "运行状况", good: "一切正常，数据为最新。", waiting: "等待中，会自行恢复。", failed: "需要人工处理。", engine: "引擎", partitions: "分区", services: "来源与渠道", lag: (ms) => `实时推送延迟 ${ms} 毫秒`, running: "运行中", none: "引擎之外没有来源或渠道：事件经 HTTP 和文件进入。", dead: "异常事件", deadNone: "没有异常事件，所有记录均已入账。", deadCount: (n) => `${n} 条记录未能入账。`, deadCaption: "未能入账的记录", reason: "原因", subject: "记录", when: "时间", look: "查看", replay: "提请重放", body: "修正后的事件（JSON）", replayed: "已提请重放，待审批人处理。", discardNote: "不处理的记录不会改变任何数字。", outcome: "结果", replays: "重放记录", partitionsAway: (n) => `${n} 个分区正在恢复`, allServing: "所有分区均正常服务。",
  },
  audit: { title: "审计日志", caption: "操作、人员、时间与结果", person: "人员", what: "操作", about: "客户", outcome: "结果", subjectFilter: "人员", kindFilter: "操作", customerFilter: "客户", empty: "没有符合条件的记录。", onlyAuditor: "审计日志仅供审计员查看，由管理员授予角色。", detail: "记录" },
  views: { title: "已存视图", text: "已存视图是某个页面地址的名称。", shipped: "内置视图", mine: "我的与共享的视图", save: "保存当前视图", shared: "与所有人共享", owner: "所有者", empty: "还没有已存视图。", over: "当前超额", bad: "正在恶化", portfolio: "我的客户", address: "地址" },
  settings: {
    title: "设置", language: "语言", theme: "主题", themes: { auto: "跟随系统", light: "浅色", dark: "深色" }, density: "密度", zone: "时区", shortcuts: "快捷键", shortcutsOn: "启用单键快捷键", users: "人员", usersText: "权限须经第二人同意后才生效。", addUser: "申请添加人员", subject: "用户名", roles: "角色", authority: "审批权限金额", segments: "信用段（留空为全部）", given: (p) => `初始密码，仅显示一次：${p}`, passwordTitle: "密码", yourself: "您", sessionEnds: "登录有效至",
    userStates: { Waiting: "等待第二人同意", Live: "有效", Ended: "已结束" },
  },
  keys: { title: "键盘", help: "本帮助", search: "搜索", pause: "暂停或继续", go: "前往看板、订单冻结、预警、额度、信用政策、运行状况、审计日志", move: "下一行与上一行", preview: "预览", open: "打开", select: "选择", close: "关闭", filters: "筛选", density: "密度", propose: "提请放行", confirm: "复核放行", next: "处理下一个", submit: "提交表单" },
  errors: { title: "未完成", UNREACHABLE: "服务没有响应。", forbidden: "您的角色不可用", forbiddenText: "角色由管理员授予，并须第二人同意。" },
};
