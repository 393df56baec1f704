using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// A question about a book that can be asked where the book is: it has a name, and its arguments and its answer have bytes. Reads that are
/// no question (<see cref="ExposureEngine.ReadAsync"/>) are for the process that owns the partition, and of the house for all.
/// </summary>
/// <typeparam name="T">Of the answer.</typeparam>
/// <param name="Name">Never changes: processes of two releases ask each other.</param>
/// <param name="Arguments">As <see cref="BookQuestions.Answer"/> reads them.</param>
/// <param name="Here">The answer where the book is.</param>
/// <param name="Read">The answer from its bytes.</param>
public sealed record BookQuestion<T>(string Name, byte[] Arguments, Func<Book, T> Here, Func<byte[], T> Read);

/// <summary>All questions that one process asks another.</summary>
public static class BookQuestions
{
    private const string HoldsAll = "global-hold", AuthorityOf = "authority-needed", PersonFor = "second-person", DetailOf = "account-detail", StaleIn = "stale-feeds", EndingsOf = "endings", GapsOf = "limit-gaps", HoldersOf = "document-holders", StepsOf = "check-steps", LimitTried = "limit-effect", SurveyOf = "portfolio-survey", ProvisionOf = "provision", HeldOf = "held-orders";

    /// <summary>Lists of an answer are filled, not replaced: the types of the domain let nobody replace them.</summary>
    private static readonly JsonSerializerOptions Json = new() { PreferredObjectCreationHandling = JsonObjectCreationHandling.Populate };

    /// <summary>Whether the switch that holds everything stands in a partition.</summary>
    public static BookQuestion<bool> GlobalHold() => new(HoldsAll, [], book => book.Context.GlobalHold, bytes => bytes[0] == 1);

    /// <summary>The authority that a fact needs; as <see cref="AuthorityNeeded.Of"/>.</summary>
    public static BookQuestion<Int128?> Authority(Fact fact) =>
        new(AuthorityOf, BytesOf(fact), book => AuthorityNeeded.Of(book, fact), bytes => bytes.Length == 0 ? null : Int128.Parse(Encoding.ASCII.GetString(bytes), System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Whether a fact needs a second person; as <see cref="Domain.SecondPerson.Needed"/>.</summary>
    public static BookQuestion<ProposalKind?> SecondPerson(Fact fact, bool hasRight) =>
        new(PersonFor, [(byte)(hasRight ? 1 : 0), .. BytesOf(fact)], book => Domain.SecondPerson.Needed(book, fact, hasRight), bytes => bytes.Length == 0 ? null : (ProposalKind)bytes[0]);

    /// <summary>The documents of a customer; <c>null</c> for an unknown one.</summary>
    public static BookQuestion<AccountDetail?> Detail(string customer) =>
        new(DetailOf, Encoding.UTF8.GetBytes(customer), book => Find(book, customer), bytes => bytes.Length == 0 ? null : JsonSerializer.Deserialize<AccountDetail>(bytes, Json));

    /// <summary>The held orders of some customers of a partition, a list for each; an empty one for an unknown customer.</summary>
    public static BookQuestion<List<List<HoldLine>>> HeldOrders(IReadOnlyList<string> customers) =>
        new(HeldOf, JsonSerializer.SerializeToUtf8Bytes(customers), book => HeldIn(book, customers), bytes => JsonSerializer.Deserialize<List<List<HoldLine>>>(bytes, Json)!);

    /// <summary>Feeds of a partition that give no sign of life.</summary>
    public static BookQuestion<IReadOnlyList<StaleFeed>> StaleFeeds() =>
        new(StaleIn, [], book => book.Context.StaleFeeds, bytes => [.. JsonSerializer.Deserialize<Dictionary<string, long>>(bytes)!.Select(f => new StaleFeed(f.Key, new Instant(f.Value)))]);

    /// <summary>What ends within some days, of some accounts of a partition: a part of the book, so that nobody waits for a walk over all of it.</summary>
    /// <param name="from">The first slot; 0, and then <see cref="EndingsPage.Next"/>.</param>
    public static BookQuestion<EndingsPage> Endings(int from, int days) => new(EndingsOf, [.. BitConverter.GetBytes(from), .. BitConverter.GetBytes(days)], book => EndingsIn(book, from, days),
        bytes => JsonSerializer.Deserialize<EndingsPage>(bytes)!);

    /// <summary>Limits behind which something is missing, of some accounts of a partition: how many, and those that stand before the last line that is shown.</summary>
    public static BookQuestion<LimitGapsPage> LimitGaps(LimitGapsAsked asked) => new(GapsOf, JsonSerializer.SerializeToUtf8Bytes(asked), book => GapsIn(book, asked), bytes => JsonSerializer.Deserialize<LimitGapsPage>(bytes)!);

    /// <summary>Who has an order or an invoice of a number, of some accounts of a partition.</summary>
    public static BookQuestion<HoldersPage> Holders(HoldersAsked asked) => new(HoldersOf, JsonSerializer.SerializeToUtf8Bytes(asked), book => HoldersIn(book, asked), bytes => JsonSerializer.Deserialize<HoldersPage>(bytes)!);

    /// <summary>The steps of the check as they stand for an order on hold; none for another one.</summary>
    public static BookQuestion<IReadOnlyList<CheckStepLine>> CheckSteps(CheckStepsAsked asked) => new(StepsOf, JsonSerializer.SerializeToUtf8Bytes(asked), book => StepsIn(book, asked), bytes => JsonSerializer.Deserialize<List<CheckStepLine>>(bytes)!);

    /// <summary>What a limit would mean; <c>null</c> for an unknown customer.</summary>
    public static BookQuestion<LimitEffect?> LimitEffect(LimitTrial asked) => new(LimitTried, JsonSerializer.SerializeToUtf8Bytes(asked), book => EffectIn(book, asked), bytes => bytes.Length == 0 ? null : JsonSerializer.Deserialize<LimitEffect>(bytes, Json));

    /// <summary>What some accounts of a partition add to the figures of the portfolio.</summary>
    /// <param name="from">The first slot; 0, and then <see cref="SurveyPage.Next"/>.</param>
    public static BookQuestion<SurveyPage> Survey(int from) => new(SurveyOf, BitConverter.GetBytes(from), book => SurveyIn(book, from), bytes => JsonSerializer.Deserialize<SurveyPage>(bytes)!);

    /// <summary>What some accounts of a partition may lose.</summary>
    public static BookQuestion<ProvisionPage> Provision(ProvisionAsked asked) => new(ProvisionOf, JsonSerializer.SerializeToUtf8Bytes(asked), book => ProvisionIn(book, asked), bytes => JsonSerializer.Deserialize<ProvisionPage>(bytes)!);

    /// <summary>Answers a question by its name; called where the book is, inside the loop.</summary>
    /// <exception cref="InvalidDataException">The question is unknown to this release, or its arguments are cut.</exception>
    public static byte[] Answer(Book book, string name, byte[] arguments) => name switch
    {
        HoldsAll => [(byte)(book.Context.GlobalHold ? 1 : 0)],
        AuthorityOf => AuthorityNeeded.Of(book, FactOf(arguments)) is { } needed ? Encoding.ASCII.GetBytes(needed.ToString(System.Globalization.CultureInfo.InvariantCulture)) : [],
        PersonFor => Domain.SecondPerson.Needed(book, FactOf(arguments.AsMemory(1)), arguments[0] == 1) is { } kind ? [(byte)kind] : [],
        DetailOf => Find(book, Encoding.UTF8.GetString(arguments)) is { } detail ? JsonSerializer.SerializeToUtf8Bytes(detail, Json) : [],
        HeldOf => JsonSerializer.SerializeToUtf8Bytes(HeldIn(book, JsonSerializer.Deserialize<List<string>>(arguments)!), Json),
        StaleIn => JsonSerializer.SerializeToUtf8Bytes(book.Context.StaleFeeds.ToDictionary(f => f.Feed, f => f.Since.Micros)),
        EndingsOf => JsonSerializer.SerializeToUtf8Bytes(EndingsIn(book, BitConverter.ToInt32(arguments, 0), BitConverter.ToInt32(arguments, 4))),
        GapsOf => JsonSerializer.SerializeToUtf8Bytes(GapsIn(book, JsonSerializer.Deserialize<LimitGapsAsked>(arguments)!)),
        HoldersOf => JsonSerializer.SerializeToUtf8Bytes(HoldersIn(book, JsonSerializer.Deserialize<HoldersAsked>(arguments)!)),
        StepsOf => JsonSerializer.SerializeToUtf8Bytes(StepsIn(book, JsonSerializer.Deserialize<CheckStepsAsked>(arguments)!)),
        LimitTried => EffectIn(book, JsonSerializer.Deserialize<LimitTrial>(arguments)!) is { } effect ? JsonSerializer.SerializeToUtf8Bytes(effect, Json) : [],
        SurveyOf => JsonSerializer.SerializeToUtf8Bytes(SurveyIn(book, BitConverter.ToInt32(arguments))),
        ProvisionOf => JsonSerializer.SerializeToUtf8Bytes(ProvisionIn(book, JsonSerializer.Deserialize<ProvisionAsked>(arguments)!)),
        _ => throw new InvalidDataException($"The question '{name}' is unknown to this release."),
    };

    /// <summary>A fact with its customer, as it travels between processes.</summary>
    public static byte[] BytesOf(Fact fact)
    {
        var buffer = new ByteBuffer();
        buffer.Text(fact.Customer);
        FactCodec.Write(fact, buffer);
        return buffer.Written.ToArray();
    }

    /// <summary>The fact of <see cref="BytesOf"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are cut, or of a later release.</exception>
    public static Fact FactOf(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ByteReader(bytes.Span);
        var customer = reader.Text();
        new FactCodec().Read(bytes[^reader.Remaining..], out var fact);
        fact.Customer = customer;
        return fact;
    }

    private static AccountDetail? Find(Book book, string customer) => book.FindSlot(customer) is var slot && slot >= 0 ? book.Detail(slot) : null;

    private static List<List<HoldLine>> HeldIn(Book book, IReadOnlyList<string> customers) => [.. customers.Select(c => book.FindSlot(c) is var slot && slot >= 0 ? book.HoldsOf(slot) : [])];

    private static EndingsPage EndingsIn(Book book, int from, int days)
    {
        var end = from + EndingsPage.Slots;
        return new EndingsPage(book.EndingsOf(from, end, book.Today + days), end < book.AccountCount ? end : 0, book.Today);
    }

    private static LimitEffect? EffectIn(Book book, LimitTrial asked) => book.FindSlot(asked.Customer) is var slot && slot >= 0 ? book.EffectOfLimit(slot, asked.Kind, asked.Amount) : null;

    private static List<CheckStepLine> StepsIn(Book book, CheckStepsAsked asked) => book.FindSlot(asked.Customer) is var slot && slot >= 0 ? book.CheckStepsOf(slot, asked.Order) : [];

    private static HoldersPage HoldersIn(Book book, HoldersAsked asked)
    {
        var end = asked.From + HoldersPage.Slots;
        return new HoldersPage(book.HoldersOf(asked.Document, asked.From, end), end < book.AccountCount ? end : 0);
    }

    private static SurveyPage SurveyIn(Book book, int from)
    {
        var end = from + SurveyPage.Slots;
        return new SurveyPage(book.SurveyOf(from, end), end < book.AccountCount ? end : 0, book.Today);
    }

    private static ProvisionPage ProvisionIn(Book book, ProvisionAsked asked)
    {
        var end = asked.From + ProvisionPage.Slots;
        return new ProvisionPage(book.ProvisionOf(asked.From, end, asked.Segments), end < book.AccountCount ? end : 0, book.Today, ProvisionMatrix.RatesOf(book.Context.Policy));
    }

    private static LimitGapsPage GapsIn(Book book, LimitGapsAsked asked)
    {
        var end = asked.From + LimitGapsPage.Slots;
        var (count, lines) = book.LimitGapsOf(asked.From, end, asked.Kind, asked.Segments, asked.Last);
        return new LimitGapsPage(count, lines, end < book.AccountCount ? end : 0, book.Today);
    }
}

/// <summary>What ends, of some accounts.</summary>
/// <param name="Next">The slot to ask for next; 0 behind the last one.</param>
/// <param name="Today">The business day, as a day number.</param>
public sealed record EndingsPage(IReadOnlyList<EndingLine> Lines, int Next, int Today)
{
    /// <summary>Accounts of one look: well below a millisecond of the loop.</summary>
    public const int Slots = 2_048;
}

/// <summary>Which limits are looked for.</summary>
/// <param name="From">The first slot; 0, and then <see cref="LimitGapsPage.Next"/>.</param>
/// <param name="Segments">Those that the reader sees; all when empty.</param>
/// <param name="Last">The last line that is shown; <c>null</c> while there is room.</param>
public sealed record LimitGapsAsked(int From, LimitGapKind Kind, IReadOnlyList<string> Segments, LimitGapLine? Last);

/// <summary>Limits with a gap, of some accounts.</summary>
/// <param name="Count">All of them, also those that <paramref name="Lines"/> leaves out.</param>
/// <param name="Next">The slot to ask for next; 0 behind the last one.</param>
/// <param name="Today">The business day, as a day number.</param>
public sealed record LimitGapsPage(int Count, IReadOnlyList<LimitGapLine> Lines, int Next, int Today)
{
    /// <summary>Accounts of one look: each may cost a sum of its exposure, and the loop waits for all of them.</summary>
    public const int Slots = 512;
}

/// <summary>A part of the portfolio.</summary>
/// <param name="Part"><c>null</c> while accounts have still to fold what the partition knows: ask again in a while.</param>
/// <param name="Next">The slot to ask for next; 0 behind the last one.</param>
/// <param name="Today">The business day, as a day number.</param>
public sealed record SurveyPage(PortfolioSurvey? Part, int Next, int Today)
{
    /// <summary>Accounts of one look: each costs a sum of its exposure, and the loop waits for all of them.</summary>
    public const int Slots = 512;
}

/// <summary>Whose provision is asked for.</summary>
/// <param name="From">The first slot; 0, and then <see cref="ProvisionPage.Next"/>.</param>
/// <param name="Segments">Those that the reader sees; all when empty.</param>
public sealed record ProvisionAsked(int From, IReadOnlyList<string> Segments);

/// <summary>What some accounts may lose.</summary>
/// <param name="Next">The slot to ask for next; 0 behind the last one.</param>
/// <param name="Today">The business day, as a day number.</param>
/// <param name="RatesPpm">Of each bucket, in everybody's policy.</param>
public sealed record ProvisionPage(ProvisionMatrix Part, int Next, int Today, IReadOnlyList<int> RatesPpm)
{
    /// <summary>Accounts of one look: each costs its whole score, and the loop waits for all of them.</summary>
    public const int Slots = 128;
}

/// <summary>Which document is looked for.</summary>
/// <param name="From">The first slot; 0, and then <see cref="HoldersPage.Next"/>.</param>
public sealed record HoldersAsked(int From, string Document);

/// <summary>Customers who have the document, of some accounts.</summary>
/// <param name="Next">The slot to ask for next; 0 behind the last one.</param>
public sealed record HoldersPage(IReadOnlyList<DocumentHolder> Holders, int Next)
{
    /// <summary>Accounts of one look: two places of an index each.</summary>
    public const int Slots = 4_096;
}

/// <summary>The order whose check is looked at.</summary>
public sealed record CheckStepsAsked(string Customer, string Order);

/// <summary>A limit that somebody thinks of.</summary>
/// <param name="Amount">Minor units of the limit's currency; 0 for one without a ceiling.</param>
public sealed record LimitTrial(string Customer, LimitKind Kind, long Amount);
