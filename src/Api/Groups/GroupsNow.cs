using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>Who belongs to which group: by customer, who stands at the top of the tree.</summary>
internal sealed class CustomerGroups
{
    internal static CustomerGroups None { get; } = new(new Dictionary<string, string>());

    private readonly Dictionary<string, string> _tops = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _members = new(StringComparer.Ordinal);

    /// <param name="parents">By child; the tree has no cycle.</param>
    internal CustomerGroups(IReadOnlyDictionary<string, string> parents)
    {
        foreach (var (child, parent) in parents)
        {
            var top = parent;
            while (parents.TryGetValue(top, out var above)) top = above;
            Add(top, child);
        }

        foreach (var top in _members.Keys) Add(top, top);
    }

    /// <summary>Who stands at the top of a customer's group; "" for a customer without one.</summary>
    internal string TopOf(string customer) => _tops.GetValueOrDefault(customer, "");

    /// <summary>All who belong to the group of a customer at the top, himself among them.</summary>
    internal IReadOnlyList<string> MembersOf(string top) => _members.TryGetValue(top, out var members) ? members : [];

    /// <summary>Those at the top.</summary>
    internal IReadOnlyCollection<string> Tops => _members.Keys;

    private void Add(string top, string customer)
    {
        if (!_tops.TryAdd(customer, top)) return;
        if (!_members.TryGetValue(top, out var members)) _members.Add(top, members = []);
        members.Add(customer);
    }
}

/// <summary>The groups as the house has them: read now and then, and built again only when the tree has changed.</summary>
internal sealed class GroupsNow(ExposureEngine engine)
{
    private sealed record State(Book? Book, long Changes, CustomerGroups Groups);

    private State _state = new(null, -1, CustomerGroups.None);

    internal async Task<CustomerGroups> ReadAsync(CancellationToken cancel)
    {
        var known = Volatile.Read(ref _state);
        // A house that is read back keeps no board waiting: its tree is then as it was.
        if (engine.Owns(Book.House) && !engine.Serves(Book.House)) return known.Groups;
        try
        {
            return await LookAsync(known, cancel);
        }
        catch (EngineUnavailableException)
        {
            return known.Groups;
        }
    }

    private async Task<CustomerGroups> LookAsync(State known, CancellationToken cancel)
    {
        var (book, changes, parents) = await engine.ReadAsync(Book.House, Look, cancel);
        // Two readers at once find the same; the later one of two different books wins at the next look.
        if (parents is not null) Volatile.Write(ref _state, known = new State(book, changes, new CustomerGroups(parents)));
        return known.Groups;

        // Another book, as after a restart or with another owner, counts its changes anew.
        (Book Book, long Changes, IReadOnlyDictionary<string, string>? Parents) Look(Book house)
        {
            var since = ReferenceEquals(house, known.Book) ? known.Changes : -1;
            var found = house.ParentsSince(ref since);
            return (house, since, found);
        }
    }
}
