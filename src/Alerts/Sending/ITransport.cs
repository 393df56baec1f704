namespace ExposureMonitor.Alerts;

/// <summary>Carries a message to one channel and says what came of it.</summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>Sends; every failure is an answer. Signatures are made anew on every attempt.</summary>
    Task<Answer> SendAsync(OutMessage message, CancellationToken cancel);
}

/// <summary>Somebody who carries what a channel cannot do itself to the alerts.</summary>
public interface IChannelNotices
{
    /// <summary>The channel has something to say about itself. The same again, as after a kill, changes nothing.</summary>
    Task NoticeAsync(string channel, DeskNotice notice, CancellationToken cancel);

    /// <summary>A CRIT has not reached its channel in time: the next one is told as well.</summary>
    Task NextAsync(IReadOnlyList<(DeliveryItem Item, string Next)> late, CancellationToken cancel);
}
