namespace ExposureMonitor.Engine;

/// <summary>From a row to the outside: the seam between the pump of the outbox and whoever carries messages away.</summary>
public interface IOutboxSink : IAsyncDisposable
{
    /// <summary>Name of its cursors; it never changes, or everything would be sent again.</summary>
    string Name { get; }

    /// <summary>Everything that rows may be sent to, such as topics.</summary>
    IReadOnlyList<string> Targets { get; }

    /// <summary>The one of <see cref="Targets"/> that a row goes to.</summary>
    string TargetOf(OutboxRow row);

    /// <summary>Why nothing can be sent now, or "".</summary>
    string Trouble { get; }

    /// <summary>
    /// Sends rows of one partition in their order; completes when the outside has them all durably. While the outside is
    /// away it waits. Rows of several partitions may be on their way at once.
    /// </summary>
    /// <exception cref="OutboxFailedException">Not all of them are known to be there: the same rows are sent again.</exception>
    Task SendAsync(IReadOnlyList<OutboxRow> rows, CancellationToken cancel);
}

/// <summary>The outside did not take rows; the message says why, and what to do where somebody has to do something.</summary>
public sealed class OutboxFailedException : Exception
{
    public OutboxFailedException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    public OutboxFailedException() : this("The outside did not take rows of the outbox.")
    {
    }

    public OutboxFailedException(string message) : this(message, null)
    {
    }
}
