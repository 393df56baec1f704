namespace ExposureMonitor.Domain;

/// <summary>What comes from outside or happens to few customers: ratings, statements, news, promises, returned payments.</summary>
internal sealed class OutsideHabit
{
    internal Few<RatingState> Ratings = Few<RatingState>.None;

    /// <summary>Filed statements by the end of their period, the newest last; at most four.</summary>
    internal Few<FiledState> Filed = Few<FiledState>.None;

    /// <summary>Statements of account by the day on which they went out, the newest last; at most four.</summary>
    internal Few<StatementState> Statements = Few<StatementState>.None;
    internal Few<NewsState> News = Few<NewsState>.None;
    internal Few<PromisedState> Promises = Few<PromisedState>.None;
    internal Few<WayState> Ways = Few<WayState>.None;
    internal Few<RoundState> Rounds = Few<RoundState>.None;

    /// <summary>Days of returned payments, of broken promises that are beyond doubt, of requests for longer terms, of round sums on account, of orders that hug the limit.</summary>
    internal DaySeries Returned, Broken, Asked, RoundSums, Hugs;

    /// <summary>Ways of payment that were seen, a bit each; hashes of the last eight accounts that paid.</summary>
    internal int Methods;
    internal Few<ulong> Accounts = Few<ulong>.None;

    internal int Bytes => 168 + Returned.Bytes + Broken.Bytes + Asked.Bytes + RoundSums.Bytes + Hugs.Bytes + Accounts.Bytes + Of(Ratings) + Of(Filed) + Of(Statements)
        + Of(News) + Of(Promises) + Of(Ways) + Of(Rounds);

    private static int Of<T>(Few<T> list) where T : IOutsideState
    {
        var bytes = list.Bytes;
        foreach (var one in list) bytes += one.Bytes;
        return bytes;
    }

    /// <param name="s">Where they go, or come from.</param>
    /// <param name="format">Of the account; rows before format 7 know no figures of filed statements but Z and net assets.</param>
    internal void State(StateStream s, int format)
    {
        s.List(ref Ratings, s, static (n, s) =>
        {
            s.Do(ref n.Agency);
            s.Do(ref n.Rank);
            s.Do(ref n.RatedOn);
            s.Do(ref n.BeforeRank);
            s.Do(ref n.BeforeOn);
            s.Do(ref n.Value);
        });
        s.List(ref Filed, s, static (n, s) =>
        {
            s.Do(ref n.PeriodEnd);
            s.Do(ref n.FiledOn);
            s.Do(ref n.FiledAt);
            s.Do(ref n.Z);
            s.Choice(ref n.Model);
            s.Choice(ref n.Zone);
            s.Do(ref n.NetAssets);
            s.Do(ref n.Currency);
        });
        if (format >= 7)
            foreach (var filed in Filed) filed.Figures(s);
        s.List(ref Statements, s, static (n, s) =>
        {
            s.Do(ref n.Id);
            s.Do(ref n.SentOn);
            s.Do(ref n.AnsweredOn);
            s.Do(ref n.Closing);
            s.Do(ref n.Differences);
            s.Do(ref n.Agreed);
        });
        s.List(ref News, s, static (n, s) =>
        {
            s.Do(ref n.Id);
            s.Choice(ref n.Kind);
            s.Choice(ref n.Severity);
            s.Do(ref n.HappenedOn);
            s.Do(ref n.Amount);
            s.Do(ref n.Currency);
            s.Do(ref n.Closed);
        });
        s.List(ref Promises, s, static (n, s) =>
        {
            s.Do(ref n.Id);
            s.Do(ref n.Amount);
            s.Do(ref n.Currency);
            s.Do(ref n.MadeOn);
            s.Do(ref n.PromisedOn);
            s.Do(ref n.WithdrawnOn);
            s.Texts(n.Items);
        });
        s.List(ref Ways, s, static (n, s) =>
        {
            s.Do(ref n.Way);
            s.Do(ref n.On);
            s.Do(ref n.Closed);
        });
        s.List(ref Rounds, s, static (n, s) =>
        {
            s.Do(ref n.Payment);
            s.Do(ref n.On);
        });
        Returned.State(s);
        Broken.State(s);
        Asked.State(s);
        RoundSums.State(s);
        Hugs.State(s);
        s.Do(ref Methods);
        var accounts = s.Count(Accounts.Count);
        for (var i = 0; i < accounts; i++)
        {
            var account = s.Reading ? 0 : Accounts[i];
            s.Do(ref account);
            if (s.Reading) Few.Add(ref Accounts, account);
        }
    }
}

/// <summary>What has come from outside: an object each.</summary>
internal interface IOutsideState
{
    /// <summary>Bytes that it takes with its texts.</summary>
    int Bytes { get; }
}

/// <summary>The last two ratings of an agency, by their own dates; a higher rank is a better rating.</summary>
internal sealed class RatingState : IOutsideState
{
    internal string Agency = "", Value = "";
    internal int Rank, RatedOn, BeforeRank, BeforeOn;

    public int Bytes => 48 + Memory.BytesOf(Agency) + Memory.BytesOf(Value);
}

/// <summary>A filed financial statement with Altman's Z in thousandths.</summary>
internal sealed class FiledState : IOutsideState
{
    internal int PeriodEnd, FiledOn;
    internal Instant FiledAt;
    internal long Z, NetAssets;

    /// <summary>Of what the ratios are made, minor units; 0 where the statement did not tell it.</summary>
    internal long TotalAssets, CurrentAssets, Inventory, CurrentLiabilities, TotalLiabilities, NetIncome, Sales;
    internal AltmanModel Model;
    internal AltmanZone Zone;
    internal Currency Currency;

    public int Bytes => 120;

    internal void Figures(StateStream s)
    {
        s.Do(ref TotalAssets);
        s.Do(ref CurrentAssets);
        s.Do(ref Inventory);
        s.Do(ref CurrentLiabilities);
        s.Do(ref TotalLiabilities);
        s.Do(ref NetIncome);
        s.Do(ref Sales);
    }

    internal FiledRatios Ratios(bool isStale) => new(
        PeriodEnd, Model, Zone, Model == AltmanModel.None ? null : Z, Ratio(CurrentAssets, CurrentLiabilities), CurrentAssets == 0 ? null : Ratio((Int128)CurrentAssets - Inventory, CurrentLiabilities), Ratio(TotalLiabilities, TotalAssets), Ratio(NetIncome, Sales), isStale);

    private static long? Ratio(Int128 value, long divisor) => divisor > 0 ? Rounding.Pin(Rounding.HalfUp(value * 1_000_000, divisor)) : null;
}

/// <summary>A statement of account; a day of sending of 0 means that only its answer came.</summary>
internal sealed class StatementState : IOutsideState
{
    internal string Id = "";
    internal int SentOn, AnsweredOn;
    internal long Closing, Differences;
    internal bool Agreed;

    public int Bytes => 56 + Memory.BytesOf(Id);
}

internal sealed class NewsState : IOutsideState
{
    internal string Id = "";
    internal ExternalSignalKind Kind;
    internal Severity Severity;
    internal int HappenedOn;
    internal long Amount;
    internal Currency Currency;
    internal bool Closed;

    public int Bytes => 48 + Memory.BytesOf(Id);
}

internal sealed class PromisedState : IOutsideState
{
    internal string Id = "";
    internal long Amount;
    internal Currency Currency;
    internal int MadeOn, PromisedOn, WithdrawnOn;
    internal List<string> Items = [];

    public int Bytes
    {
        get
        {
            var bytes = 56 + Memory.BytesOf(Id) + Memory.BytesOf(Items);
            foreach (var item in Items) bytes += Memory.BytesOf(item);
            return bytes;
        }
    }
}

/// <summary>A way to pay that is new for the customer, until somebody acknowledges it.</summary>
internal sealed class WayState : IOutsideState
{
    internal string Way = "";
    internal int On;
    internal bool Closed;

    public int Bytes => 32 + Memory.BytesOf(Way);
}

/// <summary>A payment of a round sum whose days on account are not over.</summary>
internal sealed class RoundState : IOutsideState
{
    internal string Payment = "";
    internal int On;

    public int Bytes => 32 + Memory.BytesOf(Payment);
}
