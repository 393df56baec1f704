using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Published rows as they travel to a process that shows them without owning them. Processes of two releases read each other: figures have
/// their place in a list that only grows at its end.
/// </summary>
internal static class MirroredRows
{
    private const byte Version = 1;

    /// <summary>The rows behind a sequence.</summary>
    internal static byte[] Write(PublishedRows rows, long behind)
    {
        var complete = rows.Complete;
        var (buffer, words) = (new ByteBuffer(1024), new Dictionary<string, int>(StringComparer.Ordinal));
        buffer.Byte(Version);
        buffer.Signed(complete);
        if (complete == behind) return buffer.Written.ToArray();
        rows.Visit(row =>
        {
            if (row.Figures.AsOf <= behind) return;
            buffer.Text(row.Customer);
            Word(buffer, words, row.Segment);
            Word(buffer, words, row.Country);
            Word(buffer, words, row.Controller);
            Span<long> values = stackalloc long[Count];
            Take(row.Figures, values);
            buffer.Varint(Count);
            foreach (var value in values) buffer.Signed(value);
        });
        return buffer.Written.ToArray();
    }

    /// <summary>Reads rows, and the sequence up to which they are complete.</summary>
    /// <exception cref="InvalidDataException">The bytes are cut, or of another version.</exception>
    internal static long Read(byte[] bytes, List<(string Customer, string Segment, string Country, string Controller, AccountFigures Figures)> rows)
    {
        var reader = new ByteReader(bytes);
        if (reader.Byte() is var version && version != Version) throw new InvalidDataException($"Rows of version {version}; this release reads {Version}.");
        var (complete, words) = (reader.Signed(), new List<string>());
        Span<long> values = stackalloc long[Count];
        while (reader.Remaining > 0)
        {
            var customer = reader.Text();
            var (segment, country, controller) = (Word(ref reader, words), Word(ref reader, words), Word(ref reader, words));
            values.Clear();
            var count = reader.Int();
            for (var i = 0; i < count; i++)
            {
                var value = reader.Signed();
                if (i < Count) values[i] = value;
            }

            rows.Add((customer, segment, country, controller, Of(values)));
        }

        return complete;
    }

    private const int Count = 41;

    private static void Take(in AccountFigures f, Span<long> v)
    {
        ReadOnlySpan<long> all =
        [
            f.Slot, f.Currency.Numeric, (long)f.LimitKind, (long)f.RiskState, (f.Provisional ? 1 : 0) | (f.Breached ? 2 : 0) | (f.LimitExpired ? 4 : 0) | (f.RateMissing ? 8 : 0),
            f.Segment, f.Country, f.Controller, f.OrdersInside, f.OrdersOutside, f.Held, f.Delivered, f.Billed, f.Receivables, f.Acceptances, f.PaymentsAtRisk, f.Unapplied,
            f.Reserved, f.External, f.Gross, f.GrossStatic, f.NetRisk, f.CreditBalance, f.Limit, f.Available, f.UtilisationBp, f.NetUtilisationBp, f.NotDue, f.Late30, f.Late60,
            f.Late90, f.Late180, f.LateMore, f.OpenOrders, f.OpenItems, f.HeldOrders, f.OldestDays, f.DaysLate, f.DaysLateClipped, f.AsOf, f.Grade,
        ];
        all.CopyTo(v);
    }

    private static AccountFigures Of(ReadOnlySpan<long> v) => new()
    {
        Slot = (int)v[0], Currency = Currency.FromNumeric((int)v[1]), LimitKind = (LimitKind)v[2], RiskState = (RiskState)v[3],
        Provisional = (v[4] & 1) != 0, Breached = (v[4] & 2) != 0, LimitExpired = (v[4] & 4) != 0, RateMissing = (v[4] & 8) != 0,
        Segment = (short)v[5], Country = (short)v[6], Controller = (short)v[7], OrdersInside = v[8], OrdersOutside = v[9], Held = v[10], Delivered = v[11], Billed = v[12],
        Receivables = v[13], Acceptances = v[14], PaymentsAtRisk = v[15], Unapplied = v[16], Reserved = v[17], External = v[18], Gross = v[19], GrossStatic = v[20],
        NetRisk = v[21], CreditBalance = v[22], Limit = v[23], Available = v[24], UtilisationBp = (int)v[25], NetUtilisationBp = (int)v[26], NotDue = v[27], Late30 = v[28],
        Late60 = v[29], Late90 = v[30], Late180 = v[31], LateMore = v[32], OpenOrders = (int)v[33], OpenItems = (int)v[34], HeldOrders = (int)v[35], OldestDays = (int)v[36],
        DaysLate = (int)v[37], DaysLateClipped = (int)v[38], AsOf = v[39], Grade = (byte)v[40],
    };

    private static void Word(ByteBuffer buffer, Dictionary<string, int> words, string word)
    {
        var known = words.TryGetValue(word, out var number);
        buffer.Varint((ulong)(known ? number : words.Count));
        if (known) return;
        words.Add(word, words.Count);
        buffer.Text(word);
    }

    private static string Word(ref ByteReader reader, List<string> words)
    {
        var number = reader.Int();
        if (number == words.Count) words.Add(reader.Text());
        return number < words.Count ? words[number] : throw new InvalidDataException($"Word {number} of {words.Count}.");
    }
}
