using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Who belongs to whom, one customer per row. It opens nobody: a parent that no other file told stands provisionally. Cycles and depth are
/// not looked for here, since the database may hold other parts of the tree; what cannot stand becomes a dead letter there.
/// </summary>
internal sealed class HierarchyImport(Stream file, FileFormat format) : FileImport(file, format, Imports.HierarchyFields, "hierarchy", "", NoLimit.Hold, opens: false)
{
    private readonly HashSet<(string Customer, int Day)> _rows = [];

    private protected override void Take(FileRow row)
    {
        if (!TryCustomer(row, default, out var customer) || !TryDay(row, Table.IndexOf("from"), "from", out var day)) return;
        if (!_rows.Add((customer.Id, day)))
        {
            Refuse(row, "SECOND_PARENT", "customer", customer.Name, "one parent of a customer from a day on");
            return;
        }

        var parent = Table.Get(row, Table.IndexOf("parent"));
        var share = 0;
        if (Table.Get(row, Table.IndexOf("share")).Length > 0)
        {
            if (!TryNumber(row, Table.IndexOf("share"), "share", out var percent)) return;
            if (!percent.TryMinor(2, out var bp) || bp is < 1 or > 10_000)
            {
                Refuse(row, "BAD_SHARE", "share", Table.Get(row, Table.IndexOf("share")), "a share in percent, above 0 and up to 100, with at most 2 digits behind the point");
                return;
            }

            share = (int)bp;
        }

        // The day is the version: what a later file says of a later day stands, whatever comes first.
        Facts.Add(day, DayRank.Parent, row.Line, "parent", new CustomerReparented
        {
            Version = day, ParentId = parent.Length == 0 ? "" : CustomerIds.Of(parent), ShareBp = share, EffectiveOn = day,
        }, customer);
    }
}
