using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>What is said of alerts, in the words of the trade, in English and Chinese. Plain text; whoever puts it into markup escapes it.</summary>
public sealed class Words(Language language)
{
    /// <summary>The language.</summary>
    public Language Language => language;

    /// <summary>One of two texts.</summary>
    public string Say(string english, string chinese) => language == Language.Chinese ? chinese : english;

    /// <summary>The first line of a thing that is told: severity or state, customer, what, figures. It is never cut.</summary>
    public string Head(DeliveryItem item)
    {
        var alert = item.Alert;
        var who = alert.Customer.Length == 0 ? "" : alert.Name.Length > 0 ? $"{alert.Customer} {alert.Name}" : alert.Customer;
        var what = Title(alert) + Figures(alert);
        return $"[{Tag(item)}] {(who.Length == 0 ? "" : who + Say(": ", "："))}{Prefix(item)}{what}";
    }

    /// <summary>HIGH, RESOLVED, …: what stands in brackets.</summary>
    public string Tag(DeliveryItem item) => item.Row.Transition switch
    {
        Transition.Resolved => Say("RESOLVED", "已解除"),
        Transition.Retracted => Say("RETRACTED", "已撤回"),
        _ => SeverityName(item.Row.Severity),
    };

    /// <summary>The severity by its word.</summary>
    public string SeverityName(Severity severity) => language != Language.Chinese ? Severities.Name(severity) : severity switch
    {
        Severity.Critical => "紧急", Severity.High => "高", Severity.Medium => "中", Severity.Low => "低", _ => "提示",
    };

    /// <summary>What is wrong, in a few words.</summary>
    public string Title(Alert a) => a.Rule switch
    {
        "EW-01" when Used(a) >= 10_000 => Say($"over limit {Percent(Used(a))}", $"超额，使用率 {Percent(Used(a))}"),
        "EW-01" => Say($"limit used {Percent(Used(a))}", $"额度已用 {Percent(Used(a))}"),
        "EW-02" => Say("over limit without a break", "持续超额"),
        "EW-03" => Say($"order {a.About} does not pass the credit check", $"订单 {a.About} 未通过信用检查"),
        "EW-04" => Say($"order {a.About} is too large", $"订单 {a.About} 金额过大"),
        "EW-05" => Say($"oldest item {a.Value} days past due", $"最早未清项逾期 {a.Value} 天"),
        "EW-06" => Say($"{Percent(a.Value)} of the balance overdue", $"逾期占比 {Percent(a.Value)}"),
        "EW-07" => Say("overdue, and the limit is used", "逾期且额度使用率高"),
        "EW-10" => Say($"an item {a.Value} days past due", $"有未清项逾期 {a.Value} 天"),
        "EW-11" when a.Value > 0 => Say($"the limit ended {a.Value} days ago", $"额度已到期 {a.Value} 天"),
        "EW-11" => Say($"the limit ends in {-a.Value} days", $"额度 {-a.Value} 天后到期"),
        "EW-12" => Say("a temporary limit ends while it is used", "临时额度即将到期且仍在使用"),
        "EW-13" => Say("orders that enter the horizon exceed the limit", "即将进入展望期的订单将导致超额"),
        "OVERTAKEN" => Say($"order {a.About} was overtaken in the release", $"订单 {a.About} 放行时被其他订单抢先"),
        Rules.Hold => Say($"order {a.About} on hold{AmountOf(a)}", $"订单 {a.About} 被冻结{AmountOf(a)}"),
        Rules.Stop => Say("customer stopped", "停止赊销"),
        Rules.Refusal => Say($"order {a.About} refused{AmountOf(a)}", $"订单 {a.About} 被拒绝{AmountOf(a)}"),
        Rules.DeadLetter => Say($"an event could not be applied: {First(a)}", $"事件无法入账：{First(a)}"),
        Rules.RulesChanged => Say($"{a.Value} conditions are true under the new rules", $"新规则下 {a.Value} 项条件已成立"),
        Rules.Channel when a.State == AlertState.Told => Say($"channel {a.About}: {First(a)}", $"渠道 {a.About}：{First(a)}"),
        Rules.Channel => Say($"channel {a.About} takes no messages: {First(a)}", $"渠道 {a.About} 无法接收消息：{First(a)}"),
        Rules.Statement or Rules.Dunning when a.Letter is { } letter => LetterText.TitleOf(letter with { Language = language }),
        Rules.Feed => Say($"no sign of life of {a.About}; what does not come may be its silence and not the payer's, and alerts that only time would raise wait", $"{a.About} 没有心跳：未到的款项可能是数据源中断而非客户未付，仅由时间触发的预警暂缓"),
        Rules.Heartbeat => Say("the alerts are alive", "预警服务正常"),
        Rules.Test => Say("test message", "测试消息"),
        _ when PatternWords.TitleOf(a, language) is { } title => title,
        _ => Say($"{a.Rule} at {a.Value}, threshold {a.Threshold}", $"{a.Rule}：{a.Value}，阈值 {a.Threshold}"),
    };

    /// <summary>Lines behind the first one, for a message about one thing.</summary>
    public IReadOnlyList<string> Details(DeliveryItem item)
    {
        var a = item.Alert;
        var lines = new List<string>();
        if (a.PolicyVersion > 0 || a.Rule.StartsWith("EW-", StringComparison.Ordinal))
        {
            lines.Add(Say($"Rule {a.Rule}, policy version {a.PolicyVersion}", $"规则 {a.Rule}，政策版本 {a.PolicyVersion}") + Measures.Of(a, this));
        }

        if (a.Transitions > 0) lines.Add(Say($"Crossed to and fro {a.Transitions} times in a day; told once a day", $"一天内反复 {a.Transitions} 次，每天汇总一次"));
        if (a.Reasons.Count > 0 && a.Rule is Rules.Hold or Rules.Refusal or Rules.Stop) lines.Add(Say("Reasons: ", "原因：") + string.Join(Say(", ", "、"), a.Reasons.Take(10)));
        if (a.OnHold.Count > 0) lines.Add(Say("Orders on hold: ", "冻结中的订单：") + string.Join(Say(", ", "、"), a.OnHold));
        if (a.Rule == Rules.Channel && a.Reasons.Count > 1) lines.Add(Say("Message: ", "消息：") + a.Reasons[1]);
        if (a.Actor.Length > 0) lines.Add(Say("By: ", "操作人：") + a.Actor);
        if (a.Clears.Length > 0 && a.State == AlertState.Firing) lines.Add(Say("Clears with: ", "解除条件：") + Clears(a));
        if (item.Mark.Length > 0) lines.Add(Say("Silenced by ", "静默：") + item.Mark);
        return lines;
    }

    /// <summary>What would clear it: with the figure where it is known, as the machine says it otherwise.</summary>
    public string Clears(Alert a)
    {
        if (a.ClearsAtBp is not { } bp) return language == Language.Chinese ? ClearWords.InChinese(a.Clears) : a.Clears;
        var exposure = a is { Limit: > 0 and var limit, Currency.Length: > 0 } ? Money((long)((Int128)limit * bp / 10_000), a.Currency) : "";
        return Say($"utilisation ≤ {Percent(bp)}", $"额度使用率 ≤ {Percent(bp)}") + (exposure.Length == 0 ? "" : Say($" (exposure ≤ {exposure})", $"（敞口 ≤ {exposure}）"));
    }

    /// <summary>The first line of a message about several things.</summary>
    public string Summary(OutMessage message)
    {
        var (n, customers) = (message.Items.Count, message.Items.Select(i => i.Alert.Customer).Distinct(StringComparer.Ordinal).Count());
        var worst = SeverityName(message.Items[0].Row.Severity);
        return $"[{worst}] " + message.Shape switch
        {
            MessageShape.Cause => Say($"{n} alerts at {customers} customers, one cause", $"同一原因，{customers} 个客户 {n} 条预警"),
            MessageShape.Daily => Say($"digest of the day: {n} alerts at {customers} customers", $"每日汇总：{customers} 个客户 {n} 条预警"),
            MessageShape.Overflow => Say($"{n} alerts at {customers} customers, merged", $"合并通知：{customers} 个客户 {n} 条预警"),
            _ => Say($"{n} alerts at {customers} {(customers == 1 ? "customer" : "customers")}", $"{customers} 个客户 {n} 条预警"),
        };
    }

    /// <summary>Behind a list that was cut.</summary>
    public string More(int count) => Say($"and {count} more", $"另有 {count} 条");

    /// <summary>Behind the worst alert of a customer, when there are more of his.</summary>
    public string OfHisMore(int count) => Say($" (and {count} more of this customer)", $"（该客户另有 {count} 条）");

    /// <summary>Others of the group that still fire.</summary>
    public string Standing(int count) => Say($"{count} told before still {(count == 1 ? "stands" : "stand")}", $"另有 {count} 条此前的预警仍未解除");

    /// <summary>The word on the link.</summary>
    public string Open => Say("Open", "打开");

    /// <summary>Before the id of a message that may be there already.</summary>
    public string RepeatMark => Say("repeat · ", "重发 · ");

    /// <summary>The last line: the id, and that it may be a repetition.</summary>
    public string Footer(OutMessage message) => (message.IsRepeat ? RepeatMark : "") + message.Id;

    /// <summary>An amount with its currency, in groups of three digits.</summary>
    public static string Money(long minor, string currency) => Amount(minor, currency, isShort: true) + (currency.Length > 0 ? " " + currency : "");

    /// <summary>An amount without its currency.</summary>
    /// <param name="isShort">Nothing behind the point is left out where it is nothing; tables have it always.</param>
    internal static string Amount(long minor, string currency, bool isShort)
    {
        var digits = Currency.TryParse(currency, out var known) ? known.Digits : 2;
        var unit = 1L;
        for (var i = 0; i < digits; i++) unit *= 10;
        var (whole, part) = Math.DivRem(minor, unit);
        var text = Math.Abs((decimal)whole).ToString("#,0", CultureInfo.InvariantCulture);
        if (digits > 0 && (part != 0 || !isShort)) text += "." + Math.Abs(part).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
        return (minor < 0 ? "-" : "") + text;
    }

    /// <summary>Basis points as percent, with one place where it is not whole.</summary>
    public string Percent(long bp)
    {
        if (bp >= 1_000_000) return Say("far over 100 %", "远超 100%");
        var text = bp % 100 == 0 ? (bp / 100).ToString(CultureInfo.InvariantCulture) : (bp / 100m).ToString("0.#", CultureInfo.InvariantCulture);
        return text + Say(" %", "%");
    }

    private string Prefix(DeliveryItem item) => item.Row.Transition switch
    {
        Transition.Escalated => Say("nobody has taken this: ", "无人认领，升级："),
        Transition.Retracted => Say("a late event shows that this never was: ", "迟到事件证明此预警不成立："),
        Transition.Resolved => Say("no longer: ", "已解除："),
        var t when Transition.ReachedBpOf(t) is { } bp => Say($"better, now at {Percent(bp)}; it was ", $"已好转，当前额度使用率 {Percent(bp)}；预警时："),
        var t when Transition.IsOver(t) => Say("silence over, still ", "静默结束，仍然："),
        var t when Transition.IsRepeat(t) => Say("still ", "仍然："),
        _ => "",
    };

    /// <summary>Utilisation in basis points: of the figures where they are told, so that both never contradict each other.</summary>
    internal static long Used(Alert a) => a is { Exposure: { } exposure, Limit: > 0 and var limit } ? (long)Int128.Clamp((Int128)exposure * 10_000 / limit, 0, long.MaxValue) : a.Value;

    private string Figures(Alert a)
    {
        if (a.Exposure is not { } exposure || a.Currency.Length == 0) return "";
        var text = a.Limit is { } limit ? $"{Money(exposure, a.Currency)[..^(a.Currency.Length + 1)]} / {Money(limit, a.Currency)}" : Say($"exposure {Money(exposure, a.Currency)}", $"敞口 {Money(exposure, a.Currency)}");
        var was = a.Was is { } before && a.Rule == "EW-01" ? Say($", was {Percent(before)}", $"，此前 {Percent(before)}") : "";
        return Say($" ({text}){was}", $"（{text}）{was}");
    }

    private string AmountOf(Alert a) => a.Amount is { } amount ? Say($", {Money(amount, a.AmountCurrency)}", $"，{Money(amount, a.AmountCurrency)}") : "";

    private string First(Alert a) => a.Reasons.Count > 0 ? a.Reasons[0] : Say("unknown", "未知");
}
