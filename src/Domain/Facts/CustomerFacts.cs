namespace ExposureMonitor.Domain;

/// <summary><c>credit.customer.opened.v1</c>: master data of a customer.</summary>
public sealed class CustomerOpened : Fact
{
    public Currency Currency { get; set; }

    public int CustomerSince { get; set; }

    public int TradingSince { get; set; }

    public CustomerProfile Profile { get; set; } = new();

    private protected override void Body(FieldVisitor v)
    {
        Currency = v.Currency(1, "currency", Currency, optional: true);
        CustomerSince = v.Date(2, "customerSince", CustomerSince, optional: true);
        TradingSince = v.Date(3, "tradingSince", TradingSince, optional: true);
        Profile.Describe(v);
    }
}

/// <summary><c>credit.customer.changed.v1</c>: the fields of the master data that change; what is missing stays.</summary>
public sealed class CustomerChanged : Fact
{
    public long Version { get; set; }

    public CustomerProfile Profile { get; set; } = new();

    private protected override void Body(FieldVisitor v)
    {
        Version = v.Number(1, "version", Version, least: 1);
        Profile.Describe(v);
    }
}

/// <summary><c>credit.customer.reparented.v1</c>: another parent, from a day on.</summary>
public sealed class CustomerReparented : Fact
{
    public long Version { get; set; }

    public string ParentId { get; set; } = "";

    public int ShareBp { get; set; }

    public int EffectiveOn { get; set; }

    private protected override void Body(FieldVisitor v)
    {
        Version = v.Number(1, "version", Version, least: 1);
        ParentId = v.Id(2, "parentId", ParentId, optional: true);
        ShareBp = (int)v.Number(3, "shareBp", ShareBp, optional: true, most: 1_000_000);
        EffectiveOn = v.Date(4, "effectiveOn", EffectiveOn);
    }
}

/// <summary><c>credit.customer.closed.v1</c>: no new orders.</summary>
public sealed class CustomerClosed : Fact
{
    public long Version { get; set; }

    public string Reason { get; set; } = "";

    private protected override void Body(FieldVisitor v)
    {
        Version = v.Number(1, "version", Version, least: 1);
        Reason = v.Text(2, "reason", Reason);
    }
}

/// <summary>Yes, no, or nothing said.</summary>
public enum YesNo : byte
{
    Unsaid, Yes, No,
}

/// <summary>The fields that opening and changing a customer share; what is empty was not said.</summary>
public sealed class CustomerProfile : IDescribed
{
    public string Name { get; set; } = "";

    public string ParentId { get; set; } = "";

    public int ShareBp { get; set; }

    public string Segment { get; set; } = "";

    public string Country { get; set; } = "";

    public string Industry { get; set; } = "";

    public string Controller { get; set; } = "";

    public string Tier { get; set; } = "";

    public string Status { get; set; } = "";

    public int GraceDays { get; set; }

    public YesNo CheckExempt { get; set; }

    public YesNo PrepayOnly { get; set; }

    public void Describe(FieldVisitor v)
    {
        Name = v.Text(20, "name", Name, lengthMax: 200);
        ParentId = v.Id(21, "parentId", ParentId, optional: true);
        ShareBp = (int)v.Number(22, "shareBp", ShareBp, optional: true, most: 10_000);
        Segment = v.Text(23, "segment", Segment, lengthMax: 64);
        Country = v.Text(24, "country", Country, lengthMax: 64);
        Industry = v.Text(25, "industry", Industry, lengthMax: 64);
        Controller = v.Text(26, "controller", Controller, lengthMax: 64);
        Tier = v.Text(27, "tier", Tier, lengthMax: 64);
        Status = v.Text(28, "status", Status, lengthMax: 64);
        GraceDays = (int)v.Number(29, "graceDays", GraceDays, optional: true, most: 365);
        CheckExempt = v.Choice(30, "checkExempt", CheckExempt, optional: true);
        PrepayOnly = v.Choice(31, "prepayOnly", PrepayOnly, optional: true);
    }
}
