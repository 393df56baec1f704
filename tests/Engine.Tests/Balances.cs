using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>The proof of conservation looks at large accounts seldom, and at every account in the end.</summary>
public sealed class Balances
{
    private readonly Dictionary<int, string> _broken = [];
    private readonly List<int> _summed = [];
    private readonly BalanceProof _proof;
    private int _documents;
    private long _seq;

    public Balances() => _proof = new BalanceProof(slot =>
    {
        _summed.Add(slot);
        return (_broken.GetValueOrDefault(slot), _documents);
    }, slot => "C" + slot);

    [Fact]
    public void A_small_account_is_summed_at_every_entry()
    {
        _documents = 15;
        for (var i = 0; i < 10; i++) Assert.Null(Touch(1));
        Assert.Equal(10, _summed.Count);
        _broken[1] = "a cent is missing";
        Assert.Equal("Entry 3-11-0, customer 'C1': a cent is missing", Touch(1));
    }

    [Fact]
    public void A_large_account_costs_a_bounded_number_of_documents_an_entry()
    {
        _documents = 16_000;
        for (var i = 0; i < 10_000; i++) Assert.Null(Touch(1));
        Assert.InRange(_summed.Count * (long)_documents, 1, 10_000 * 17L);
    }

    [Fact]
    public void What_breaks_between_two_sums_is_found_at_the_next_and_named_with_both_places()
    {
        _documents = 48;
        Assert.Null(Touch(1));
        _broken[1] = "a cent is missing";
        Assert.Null(Touch(1));
        Assert.Null(Touch(1));
        Assert.Null(Touch(1));
        Assert.Equal("Entry 3-5-0, customer 'C1': a cent is missing (it balanced at 3-1-0)", Touch(1));
    }

    [Fact]
    public void What_breaks_behind_the_last_sum_is_found_at_the_end()
    {
        _documents = 1_600;
        Assert.Null(Touch(1));
        Assert.Null(_proof.End());
        Assert.Null(Touch(1));
        _broken[1] = "a cent is missing";
        Assert.Equal("Customer 'C1', at the end: a cent is missing (it balanced at 3-1-0)", _proof.End());
    }

    private string? Touch(int slot) => _proof.Entry(new EntryPosition(3, ++_seq, 0), [slot]);
}
