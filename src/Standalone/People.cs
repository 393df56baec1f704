using ExposureMonitor.Api;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Standalone;

/// <summary>Who may sign in to the console of a new database.</summary>
internal static class People
{
    /// <summary>
    /// An administrator, whose first password is changed at the first sign-in. The demo has a desk besides, so that four eyes can be
    /// tried: its people share one password, which nobody is asked to change.
    /// </summary>
    internal static async Task<IReadOnlyList<(string Who, string Password, string What)>> FirstAsync(SignIn people, bool isDemo, CancellationToken cancel)
    {
        if (!isDemo) return [("root", await people.CreateAtConsoleAsync(new KeyWish("root", Roles.Admin | Roles.Auditor), null, cancel), "administrator; asks for the first person")];
        (string Who, Roles Roles, long Authority, string What)[] desk =
        [
            ("alice", Roles.Analyst, 0, "analyst: proposes releases and limits"),
            ("bob", Roles.Approver, 100_000_000, "approver, up to 1,000,000.00: confirms them"),
            ("petra", Roles.PolicyOwner, 0, "drafts policies"),
            ("quinn", Roles.PolicyApprover, 0, "approves policies"),
            ("vera", Roles.Auditor, 0, "auditor: reads everything, changes nothing"),
            ("root", Roles.Admin, 0, "administrator: people, keys, no business"),
        ];
        var password = SignIn.DrawPassword();
        foreach (var person in desk) await people.CreateAtConsoleAsync(new KeyWish(person.Who, person.Roles, person.Authority), password, cancel);
        return [.. desk.Select(p => (p.Who, password, p.What))];
    }
}
