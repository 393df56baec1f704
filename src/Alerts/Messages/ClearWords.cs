namespace ExposureMonitor.Alerts;

/// <summary>What would clear a signal, in Chinese, by the words in which the machine says it.</summary>
public static class ClearWords
{
    private static readonly Dictionary<string, string> Chinese = new(StringComparer.Ordinal)
    {
        ["utilisation at or below the step less the re-arm"] = "额度使用率回落到该档减去回差以下",
        ["utilisation at or below the re-arm"] = "额度使用率回落到回差以下",
        ["overdue amount or utilisation below the re-arm of its threshold"] = "逾期金额或额度使用率低于回差",
        ["no item past due"] = "没有逾期未清项",
        ["the share overdue at or below the re-arm"] = "逾期占比回落到回差以下",
        ["no item beyond the step"] = "没有超过该档的未清项",
        ["a limit that ends beyond the first warning"] = "额度续期，到期日晚于首次预警",
        ["it fits without, or is extended"] = "不用临时额度也够用，或临时额度展期",
        ["what enters fits the limit"] = "进入展望期的订单在额度之内",
        ["the order passes or ends"] = "订单通过检查或结束",
        ["the order ends"] = "订单结束",
        ["the hold of the order ends"] = "订单解除冻结",
        ["24 hours of calm"] = "24 小时内不再反复",
        ["no open item above the level of its re-arm"] = "未清项的催收级别回落到回差以下",
        ["a small share moved into a worse bucket"] = "账龄恶化的金额占比回落",
        ["no further fall of score or grade, and a score above the critical one"] = "评分与等级在观察期内不再下降，且评分高于临界值",
        ["a new rating that is not lower"] = "收到不低于此前的新评级",
        ["a statement in a better zone"] = "新财报回到更好的区间",
        ["the cover is back, or another one of its kind"] = "保障恢复，或有同类保障接续",
        ["the review is done"] = "完成信用复审",
        ["utilisation of the group at or below the step less the re-arm"] = "集团额度使用率回落到该档减去回差以下",
        ["no order waits for the group alone"] = "没有仅因集团额度而冻结的订单",
        ["smoothed days late back near the own median"] = "平滑逾期天数回到自身中位数附近",
        ["items settled on time in a row"] = "连续按期付清",
        ["the customer agrees to a statement"] = "客户确认对账单",
        ["orders of seven days back near the median week"] = "七天订货量回到平常周水平",
        ["the surge or the lateness ends"] = "订货激增结束，或逾期付清",
        ["two normal orders"] = "恢复两次正常订货",
        ["invoices paid in one sum"] = "发票恢复一次付清",
        ["the share falls below the re-arm"] = "应收款集中度回落到回差以下",
        ["days without a round sum on account"] = "观察期内不再有整数挂账款",
        ["the discount taken twice in a row"] = "连续两次享受现金折扣",
        ["utilisation below the first step less its re-arm"] = "额度使用率回落到首档减去回差以下",
        ["days without a returned payment"] = "观察期内没有退回的付款",
        ["days without a broken promise or plan"] = "观察期内没有失约的承诺或分期",
        ["days without a request for longer terms"] = "观察期内没有延长账期的要求",
        ["disputes back near their share of the year before, none after the due date"] = "争议占比回到上年水平，且到期后无新争议",
        ["somebody acknowledges it"] = "由信控人员核实并确认",
        ["the trend leaves more days to the limit"] = "按当前趋势，距离额度上限的天数增加",
        ["the balance falls to a small part of its average"] = "余额降到平均余额的较小比例",
        ["days without an order that hugs the limit"] = "观察期内没有紧贴额度的订单",
        ["days to pay as even as before"] = "付款天数恢复平稳",
        ["credit notes a small share of the invoices again"] = "贷项通知单占开票额的比例回落",
        ["the first payment clears"] = "首笔付款到账",
        ["a person closes the signal"] = "由信控人员关闭该预警",
        ["paid, or due"] = "付清或到期",
        ["rule changed"] = "政策规则变更",
        ["a late fact shows that it was not so on its own dates"] = "迟到事件表明当日并不成立",
        ["it was so on an earlier day and is not any more"] = "此前某日曾成立，现已不成立",
    };

    /// <summary>The words in Chinese; what is not known stays as it is.</summary>
    public static string InChinese(string clears) => Chinese.GetValueOrDefault(clears, clears);

    /// <summary>All that have Chinese words.</summary>
    internal static IEnumerable<string> Known => Chinese.Keys;
}
