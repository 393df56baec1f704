using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>What the indicators on habits, on the outside and on the days say, in a few words.</summary>
internal static class PatternWords
{
    private static readonly Dictionary<string, (string English, string Chinese)> Titles = new(StringComparer.Ordinal)
    {
        ["EW-08"] = ("reminders have reached a high level", "催收级别过高"),
        ["EW-09"] = ("a large share moved into a worse ageing bucket", "账龄明显恶化"),
        ["EW-14"] = ("score or grade fell", "信用评分或等级下降"),
        ["EW-15"] = ("an external rating fell, or is old", "外部评级下调或过期"),
        ["EW-16"] = ("a financial statement is in a worse zone", "财务报表进入更差区间"),
        ["EW-17"] = ("a cover ends, or was cut", "保障到期或被削减"),
        ["EW-18"] = ("the review is overdue", "信用复审逾期"),
        ["EW-19"] = ("the headroom of the group runs out", "集团额度余量不足"),
        ["EW-20"] = ("pays more slowly than usual", "付款比以往变慢"),
        ["EW-21"] = ("several invoices in a row paid late", "连续多张发票逾期支付"),
        ["EW-22"] = ("a statement of account is not agreed", "对账单未获确认"),
        ["EW-23"] = ("orders far above the usual week", "订货量远超平常"),
        ["EW-24"] = ("orders surge while payments are late", "逾期期间订货激增"),
        ["EW-25"] = ("orders have gone silent", "订货沉寂"),
        ["EW-26"] = ("invoices are paid in parts", "发票分次支付增多"),
        ["EW-27"] = ("a large share of all receivables", "应收款高度集中"),
        ["EW-28"] = ("round sums on account", "整数款项挂账"),
        ["EW-29"] = ("no longer takes cash discounts", "不再享受现金折扣"),
        ["EW-30"] = ("an exchange rate moved the exposure", "汇率变动影响敞口"),
        ["EW-31"] = ("a payment was returned", "付款被退回"),
        ["EW-32"] = ("a promise or plan was not kept", "承诺或分期未履行"),
        ["EW-33"] = ("asks for longer terms", "要求延长账期"),
        ["EW-34"] = ("disputes have become frequent, or late", "争议增多或逾期后提出"),
        ["EW-35"] = ("pays in another way", "付款方式改变"),
        ["EW-36"] = ("the trend reaches the limit soon", "额度使用加速，即将超限"),
        ["EW-37"] = ("the balance never clears", "余额长期不清"),
        ["EW-38"] = ("orders end just below the limit", "订单紧贴额度"),
        ["EW-39"] = ("pays at erratic times", "付款时间不稳定"),
        ["EW-40"] = ("many credit notes", "贷项通知单过多"),
        ["EW-41"] = ("a new customer uses most of the limit and has paid nothing", "新客户高用额且尚未付款"),
        ["EW-42"] = ("bad news from outside", "外部不良消息"),
        ["CN-01"] = ("past due by the colour of the days", "按天数分色：逾期"),
        ["CN-02"] = ("soon due", "即将到期"),
    };

    /// <summary>Title of such an alert; <c>null</c> for all others.</summary>
    internal static string? TitleOf(Alert alert, Language language)
    {
        if (!Titles.TryGetValue(alert.Rule, out var title)) return null;
        var text = language == Language.Chinese ? title.Chinese : title.English;
        return alert.About.Length > 0 ? $"{text} ({alert.About})" : text;
    }
}
