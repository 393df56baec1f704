using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>A letter in words, plain and as HTML, in the language of its reader.</summary>
public sealed class LetterText
{
    private readonly Letter _letter;
    private readonly Words _words;
    private readonly string _reader;

    private LetterText(Letter letter, string reader) => (_letter, _words, _reader) = (letter, new Words(letter.Language), reader);

    public string Subject { get; private init; } = "";

    public string Plain { get; private init; } = "";

    public string Html { get; private init; } = "";

    /// <summary>The letter for a reader.</summary>
    /// <param name="reader">Name of the customer; the id when none is known.</param>
    public static LetterText Of(Letter letter, string reader)
    {
        var text = new LetterText(letter, Escapes.OneLine(reader));
        var (title, opening, closing) = (text.Title(), text.Opening(), text.Closing());
        var tables = text.Tables();
        var plain = new StringBuilder(title).Append("\r\n\r\n").AppendJoin("\r\n", opening).Append("\r\n");
        var html = new StringBuilder("<html><body style=\"font-family:sans-serif;font-size:14px;color:#1b1f24\"><h3>").Append(Escapes.Html(title)).Append("</h3>");
        foreach (var line in opening) html.Append("<p>").Append(Escapes.Html(line)).Append("</p>\n");
        foreach (var (heading, head, rows) in tables)
        {
            if (heading.Length > 0) plain.Append("\r\n").Append(heading).Append("\r\n");
            plain.Append(PlainTable(head, rows));
            if (heading.Length > 0) html.Append("<h4>").Append(Escapes.Html(heading)).Append("</h4>");
            html.Append(HtmlTable(head, rows));
        }

        plain.Append("\r\n").AppendJoin("\r\n", closing).Append("\r\n\r\n-- \r\n").Append(letter.Id);
        foreach (var line in closing) html.Append("<p>").Append(Escapes.Html(line)).Append("</p>\n");
        html.Append("<p style=\"color:#57606a;font-size:12px\">").Append(Escapes.Html(letter.Id)).Append("</p></body></html>");
        return new LetterText(letter, text._reader) { Subject = title, Plain = plain.ToString(), Html = html.ToString() };
    }

    /// <summary>What the letter is, in a few words.</summary>
    public static string TitleOf(Letter letter) => new LetterText(letter, "").Title();

    private string Say(string english, string chinese) => _words.Say(english, chinese);

    private string Money(long minor) => Words.Money(minor, _letter.Currency);

    private static string Day(int day) => day == 0 ? "" : DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private string Title() => _letter.Kind == LetterKind.Statement
        ? Say($"Statement of account {Day(_letter.From)} to {Day(_letter.To)}, {_letter.Customer}", $"对账单 {Day(_letter.From)} 至 {Day(_letter.To)}，{_letter.Customer}")
        : _letter.Level switch
        {
            < 0 => Say($"Payments that fall due soon, {_letter.Customer}", $"付款到期提醒，{_letter.Customer}"),
            0 => Say($"Payments due today, {_letter.Customer}", $"今日到期付款，{_letter.Customer}"),
            1 => Say($"Reminder: {Money(_letter.Total)} past due, {_letter.Customer}", $"付款提醒：逾期 {Money(_letter.Total)}，{_letter.Customer}"),
            2 or 3 => Say($"Second reminder: {Money(_letter.Total)} past due, {_letter.Customer}", $"再次提醒：逾期 {Money(_letter.Total)}，{_letter.Customer}"),
            _ => Say($"Formal notice: {Money(_letter.Total)} past due, {_letter.Customer}", $"正式催款函：逾期 {Money(_letter.Total)}，{_letter.Customer}"),
        };

    private List<string> Opening()
    {
        List<string> lines = [Say($"To {_reader}", $"致 {_reader}："), ""];
        lines.AddRange(_letter.Kind == LetterKind.Statement
            ? [Say("this is your account as our books have it. Please tell us whether you agree, or what differs.", "以下为我方账面记录，请确认是否一致，或告知差异。")]
            : _letter.Level switch
            {
                < 0 => [Say("the following invoices fall due within the next days.", "以下发票即将到期。")],
                0 => [Say("the following invoices are due today.", "以下发票今日到期。")],
                1 => [Say("perhaps it has escaped you: we have not received the following payments. If they are on their way, please take this as done.", "以下款项我方尚未收到。如已付款，请忽略本提醒。")],
                2 or 3 => [Say("the following payments are overdue. Please pay them, or tell us when you will.", "以下款项已逾期，请尽快付款或告知付款日期。")],
                _ => [Say("in spite of our reminders the following payments have not come. We ask you to pay the whole amount without delay; further deliveries are on hold until then.", "经多次提醒，以下款项仍未收到。请立即支付全部款项；在此之前我方暂停发货。")],
            });
        return lines;
    }

    private List<string> Closing()
    {
        var lines = new List<string>();
        if (_letter.Kind == LetterKind.Statement) lines.Add(Say("Please answer with the number of the statement; what we do not hear of by the next statement we ask for again.", "回复时请注明对账单编号；如未回复，我方将在下期对账时再次询问。"));
        else
        {
            if (_letter.Regime.Length > 0) lines.Add(Say($"Interest and fixed sums by {RegimeName()}, up to {Day(_letter.On)}.", $"逾期利息及固定费用依据{RegimeName()}，计算至 {Day(_letter.On)}。"));
            lines.Add(Say($"To pay: {Money(_letter.Total)}.", $"应付合计：{Money(_letter.Total)}。"));
            lines.Add(Say("If you cannot pay at once, tell us the day on which you will. What you contest is not asked for while we look into it.", "如暂时无法付款，请告知付款日期。有争议的款项在核实期间不予催收。"));
        }

        return lines;
    }

    private string RegimeName() => _letter.Regime switch
    {
        nameof(InterestRegime.EuDirective) => Say("Directive 2011/7/EU", "欧盟 2011/7/EU 指令"),
        nameof(InterestRegime.Uk1998) => Say("the Late Payment of Commercial Debts (Interest) Act 1998", "英国 1998 年商业债务逾期付款（利息）法"),
        nameof(InterestRegime.CnSme) => Say("the regulation on payments to small and medium firms (order 802)", "《保障中小企业款项支付条例》（国务院令第802号）"),
        _ => Say("our contract", "双方合同"),
    };

    private List<(string Heading, string[] Head, List<string[]> Rows)> Tables()
    {
        if (_letter.Kind == LetterKind.Statement)
        {
            List<string[]> moves = [["", Say("opening", "期初"), Day(_letter.From), "", Money(_letter.Opening)]];
            moves.AddRange(_letter.Lines.Select(l => (string[])[l.DocumentId, What(l.What), Day(l.IssuedOn), Day(l.DueOn), Money(l.Amount)]));
            moves.Add(["", Say("closing", "期末"), Day(_letter.To), "", Money(_letter.Closing)]);
            var open = _letter.OpenItems.Select(l => (string[])[l.DocumentId, Day(l.IssuedOn), Day(l.DueOn), Money(l.Amount), Money(l.Open)]).ToList();
            string[] buckets = [Say("not due", "未到期"), "1–30", "31–60", "61–90", "91–180", "> 180"];
            return
            [
                ("", [Say("document", "单据"), Say("what", "类型"), Say("date", "日期"), Say("due", "到期"), Say("amount", "金额")], moves),
                (Say("Open items", "未清项"), [Say("document", "单据"), Say("date", "日期"), Say("due", "到期"), Say("amount", "金额"), Say("open", "未清")], open),
                (Say("By days past due", "账龄（逾期天数）"), buckets, [[.. _letter.Ageing.Select(Money)]]),
            ];
        }

        var asksInterest = _letter.Lines.Any(l => l.Interest + l.FixedSum > 0);
        string[] head = [Say("invoice", "发票"), Say("date", "日期"), Say("due", "到期"), Say("days past due", "逾期天数"), Say("amount", "金额"), Say("open", "未清")];
        var rows = _letter.Lines.Select(l => (string[])[l.DocumentId, Day(l.IssuedOn), Day(l.DueOn), l.DaysPastDue.ToString(CultureInfo.InvariantCulture), Money(l.Amount), Money(l.Open)]).ToList();
        if (!asksInterest) return [("", head, rows)];
        for (var i = 0; i < rows.Count; i++) rows[i] = [.. rows[i], Money(_letter.Lines[i].Interest), Money(_letter.Lines[i].FixedSum)];
        return [("", [.. head, Say("interest", "利息"), Say("fixed sum", "固定费用")], rows)];
    }

    private string What(string kind) => _letter.Language != Language.Chinese ? kind switch
    {
        nameof(LedgerKind.InvoiceCancelled) => "invoice cancelled", nameof(LedgerKind.CreditNote) => "credit note", nameof(LedgerKind.PaymentReturned) => "payment returned", nameof(LedgerKind.AcceptanceDishonoured) => "acceptance dishonoured",
        nameof(LedgerKind.WriteOff) => "written off", nameof(LedgerKind.WriteOffReversed) => "write-off reversed", nameof(LedgerKind.Exchange) => "settled in another currency", var other => other.ToLowerInvariant(),
    } : kind switch
    {
        nameof(LedgerKind.Invoice) => "发票", nameof(LedgerKind.InvoiceCancelled) => "发票作废", nameof(LedgerKind.CreditNote) => "贷项通知单", nameof(LedgerKind.Interest) => "利息", nameof(LedgerKind.Payment) => "付款", nameof(LedgerKind.PaymentReturned) => "付款退回",
        nameof(LedgerKind.Refund) => "退款", nameof(LedgerKind.Acceptance) => "承兑汇票", nameof(LedgerKind.AcceptanceDishonoured) => "汇票拒付", nameof(LedgerKind.Discount) => "现金折扣", nameof(LedgerKind.WriteOff) => "核销",
        nameof(LedgerKind.WriteOffReversed) => "核销冲回", nameof(LedgerKind.Exchange) => "异币种结算", _ => kind,
    };

    /// <summary>Lines of few words: mails are read on small screens, and a table of blanks would break there.</summary>
    private static string PlainTable(string[] head, List<string[]> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows) text.Append("- ").AppendJoin("; ", row.Select((cell, i) => (Cell: Escapes.OneLine(cell), Head: head[i])).Where(c => c.Cell.Length > 0).Select(c => $"{c.Head} {c.Cell}")).Append("\r\n");
        return text.ToString();
    }

    private static string HtmlTable(string[] head, List<string[]> rows)
    {
        var text = new StringBuilder("<table style=\"border-collapse:collapse\"><tr>");
        foreach (var cell in head) text.Append("<th style=\"text-align:left;padding:4px 10px;border-bottom:2px solid #d0d7de\">").Append(Escapes.Html(cell)).Append("</th>");
        text.Append("</tr>\n");
        foreach (var row in rows)
        {
            text.Append("<tr>");
            foreach (var cell in row) text.Append("<td style=\"padding:4px 10px;border-bottom:1px solid #eaeef2\">").Append(Escapes.Html(Escapes.OneLine(cell))).Append("</td>");
            text.Append("</tr>\n");
        }

        return text.Append("</table>").ToString();
    }
}
