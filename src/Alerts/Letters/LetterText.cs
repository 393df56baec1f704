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
        var plain = new StringBuilder(title).Append("\r\n\r\n").AppendJoin("\r\n\r\n", opening).Append("\r\n\r\n");
        var html = new StringBuilder("<html><body style=\"font-family:sans-serif;font-size:14px;color:#1b1f24\"><h3>").Append(Escapes.Html(title)).Append("</h3>");
        foreach (var line in opening) html.Append("<p>").Append(Escapes.Html(line)).Append("</p>\n");
        foreach (var (heading, columns, rows) in tables)
        {
            if (heading.Length > 0) plain.Append("\r\n").Append(heading).Append("\r\n");
            plain.Append(text.PlainTable(columns, rows));
            if (heading.Length > 0) html.Append("<h4>").Append(Escapes.Html(heading)).Append("</h4>");
            html.Append(HtmlTable(columns, rows));
        }

        plain.Append("\r\n").AppendJoin("\r\n", closing).Append("\r\n\r\n-- \r\n").Append(letter.Id);
        foreach (var line in closing) html.Append("<p>").Append(Escapes.Html(line)).Append("</p>\n");
        html.Append("<p style=\"color:#57606a;font-size:12px\">").Append(Escapes.Html(letter.Id)).Append("</p></body></html>");
        return new LetterText(letter, text._reader) { Subject = title, Plain = plain.ToString(), Html = html.ToString() };
    }

    /// <summary>What the letter is, in a few words.</summary>
    public static string TitleOf(Letter letter) => new LetterText(letter, "").Title();

    private string Say(string english, string chinese) => _words.Say(english, chinese);

    private string Money(long minor) => $"{Amount(minor)} {_letter.Currency}";

    /// <summary>In a table, whose currency stands above it.</summary>
    private string Amount(long minor) => Words.Amount(minor, _letter.Currency, isShort: false);

    /// <summary>
    /// The level as the letter may speak: a good customer is dunned softer and a bad one harder, and still nothing is called overdue that is not, nor due today
    /// what was due last week.
    /// </summary>
    private int Tone => _letter.Lines.Count == 0 ? _letter.Level : _letter.Lines.Max(l => _letter.On - l.DueOn) switch { < 0 => -1, 0 => 0, _ => Math.Max(1, _letter.Level) };

    /// <summary>What is past due, without interest and fixed sums.</summary>
    private long PastDue => _letter.Lines.Sum(l => l.Open);

    private static string Day(int day) => day == 0 ? "" : DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private string Title() => _letter.Kind == LetterKind.Statement
        ? Say($"Statement of account {Day(_letter.From)} to {Day(_letter.To)}, {_letter.Customer}", $"对账单 {Day(_letter.From)} 至 {Day(_letter.To)}，{_letter.Customer}")
        : Tone switch
        {
            < 0 => Say($"Payments that fall due soon, {_letter.Customer}", $"付款到期提醒，{_letter.Customer}"),
            0 => Say($"Payments due today, {_letter.Customer}", $"今日到期付款，{_letter.Customer}"),
            1 => Say($"Reminder: {Money(PastDue)} past due, {_letter.Customer}", $"付款提醒：逾期 {Money(PastDue)}，{_letter.Customer}"),
            2 or 3 => Say($"Second reminder: {Money(PastDue)} past due, {_letter.Customer}", $"再次提醒：逾期 {Money(PastDue)}，{_letter.Customer}"),
            _ => Say($"Formal notice: {Money(PastDue)} past due, {_letter.Customer}", $"正式催款函：逾期 {Money(PastDue)}，{_letter.Customer}"),
        };

    private List<string> Opening()
    {
        List<string> lines = [Say($"Dear {_reader},", $"{_reader}：")];
        lines.AddRange(_letter.Kind == LetterKind.Statement
            ? [Say("Below is your account as it stands in our books. Please let us know whether you agree, or what differs.", "现将贵司与我司往来账目列示如下，请核对并回复是否相符；如有差异，请告知具体项目。")]
            : Tone switch
            {
                < 0 => [Say("The invoices below fall due in the next few days.", "以下发票即将到期，请安排付款。")],
                0 => [Say("The invoices below are due today.", "以下发票今日到期，请安排付款。")],
                1 => [Say("This may have escaped your notice: we have not yet received the payments below. If they are on their way, please disregard this reminder.", "我司尚未收到以下款项。如已付款，请忽略本提醒。")],
                2 or 3 => [Say("The payments below are overdue. Please pay them, or let us know when you will.", "以下款项已逾期，请尽快付款，或告知预计付款日期。")],
                _ => [Say("Despite our reminders we have not received the payments below. Please pay the full amount without delay; further deliveries are on hold until then.", "经我司多次提醒，以下款项至今未收到。请立即支付全部款项；在此之前，我司将暂停发货。")],
            });
        lines.Add(Say($"All amounts in {_letter.Currency}.", $"金额单位：{_letter.Currency}。"));
        return lines;
    }

    private List<string> Closing()
    {
        var lines = new List<string>();
        if (_letter.Kind == LetterKind.Statement) lines.Add(Say("Please quote the number of this statement in your reply. If we do not hear from you, we will ask again with the next one.", "回复时请注明对账单编号。如未收到回复，我司将在下期对账时再次确认。"));
        else
        {
            var (interest, sums) = (_letter.Lines.Sum(l => l.Interest), _letter.Lines.Sum(l => l.FixedSum));
            if (interest + sums > 0) lines.Add(Say($"Past due {Amount(PastDue)}, interest {Amount(interest)}, fixed sums {Amount(sums)}.", $"逾期款项 {Amount(PastDue)}，逾期利息 {Amount(interest)}，固定补偿 {Amount(sums)}。"));
            lines.Add(Say($"To pay: {Money(_letter.Total)}.", $"应付合计：{Money(_letter.Total)}。"));
            if (_letter.Regime.Length > 0) lines.Add(Say($"Interest and fixed sums under {RegimeName()}, up to {Day(_letter.On)}.", $"逾期利息及固定补偿依据{RegimeName()}计算，截至 {Day(_letter.On)}。"));
            lines.Add(Say("If you cannot pay at once, please tell us the day on which you will. Amounts that you dispute are set aside while we look into them.", "如暂时无法付款，请告知付款日期。对有争议的款项，核实期间暂不催收。"));
        }

        lines.AddRange([Say("Kind regards", "顺颂商祺"), Say("Accounts receivable", "应收账款部")]);
        return lines;
    }

    private string RegimeName() => _letter.Regime switch
    {
        nameof(InterestRegime.EuDirective) => Say("Directive 2011/7/EU", "欧盟 2011/7/EU 指令"),
        nameof(InterestRegime.Uk1998) => Say("the Late Payment of Commercial Debts (Interest) Act 1998", "英国 1998 年商业债务逾期付款（利息）法"),
        nameof(InterestRegime.CnSme) => Say("the regulation on payments to small and medium firms (order 802)", "《保障中小企业款项支付条例》（国务院令第802号）"),
        _ => Say("our contract", "双方合同"),
    };

    /// <summary>A column of a table.</summary>
    /// <param name="IsFigure">It stands at the right.</param>
    /// <param name="IsNamed">Where there is no head above it, its name stands before the cell.</param>
    private readonly record struct Column(string Name, bool IsFigure = false, bool IsNamed = true);

    private List<(string Heading, Column[] Columns, List<string[]> Rows)> Tables()
    {
        Column document = new(Say("document", "单据"), IsNamed: false), date = new(Say("date", "日期")), due = new(Say("due", "到期日")), amount = new(Say("amount", "金额"), IsFigure: true), open = new(Say("open", "未清金额"), IsFigure: true);
        if (_letter.Kind == LetterKind.Statement)
        {
            List<string[]> moves = [[Say("opening", "期初余额"), "", Day(_letter.From), "", Amount(_letter.Opening)]];
            moves.AddRange(_letter.Lines.Select(l => (string[])[What(l.What), l.DocumentId, Day(l.IssuedOn), Day(l.DueOn), Amount(l.Amount)]));
            moves.Add([Say("closing", "期末余额"), "", Day(_letter.To), "", Amount(_letter.Closing)]);
            var items = _letter.OpenItems.Select(l => (string[])[l.DocumentId, Day(l.IssuedOn), Day(l.DueOn), Amount(l.Amount), Amount(l.Open)]).ToList();
            Column[] buckets = [.. ((string[])[Say("not due", "未到期"), "1–30", "31–60", "61–90", "91–180", "> 180"]).Select(b => new Column(b, IsFigure: true))];
            return
            [
                ("", [new(Say("what", "摘要"), IsNamed: false), document, date, due, amount], moves),
                (Say("Open items", "未清项"), [document, date, due, amount, open], items),
                (Say("By days past due", "账龄（逾期天数）"), buckets, [[.. _letter.Ageing.Select(Amount)]]),
            ];
        }

        var asksInterest = _letter.Lines.Any(l => l.Interest + l.FixedSum > 0);
        Column[] columns = [new(Say("invoice", "发票号"), IsNamed: false), new(Say("date", "开票日期")), due, new(Say("days past due", "逾期天数"), IsFigure: true), amount, open];
        var rows = _letter.Lines.Select(l => (string[])[l.DocumentId, Day(l.IssuedOn), Day(l.DueOn), l.DaysPastDue.ToString(CultureInfo.InvariantCulture), Amount(l.Amount), Amount(l.Open)]).ToList();
        if (!asksInterest) return [("", columns, rows)];
        for (var i = 0; i < rows.Count; i++) rows[i] = [.. rows[i], Amount(_letter.Lines[i].Interest), Amount(_letter.Lines[i].FixedSum)];
        return [("", [.. columns, new(Say("interest", "逾期利息"), IsFigure: true), new(Say("fixed sum", "固定补偿"), IsFigure: true)], rows)];
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
    private string PlainTable(Column[] columns, List<string[]> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
            text.Append("- ").AppendJoin(Say("; ", "；"), row.Select((cell, i) => (Cell: Escapes.OneLine(cell), Column: columns[i])).Where(c => c.Cell.Length > 0).Select(c => c.Column.IsNamed ? $"{c.Column.Name} {c.Cell}" : c.Cell)).Append("\r\n");
        return text.ToString();
    }

    private static string HtmlTable(Column[] columns, List<string[]> rows)
    {
        var text = new StringBuilder("<table style=\"border-collapse:collapse\"><tr>");
        foreach (var column in columns) text.Append("<th style=\"text-align:").Append(Side(column)).Append(";padding:4px 8px;border-bottom:2px solid #d0d7de;vertical-align:bottom;word-break:keep-all\">").Append(Escapes.Html(column.Name)).Append("</th>");
        text.Append("</tr>\n");
        foreach (var row in rows)
        {
            text.Append("<tr>");
            foreach (var (cell, column) in row.Zip(columns)) text.Append("<td style=\"text-align:").Append(Side(column)).Append(";padding:4px 8px;border-bottom:1px solid #eaeef2;white-space:nowrap\">").Append(Escapes.Html(Escapes.OneLine(cell))).Append("</td>");
            text.Append("</tr>\n");
        }

        return text.Append("</table>").ToString();

        static string Side(Column column) => column.IsFigure ? "right" : "left";
    }
}
