namespace ExposureMonitor.Engine;

/// <summary>How far a partition that is read back has come: first its accounts, then the frames behind them. Written by one recovery, safe to read from any thread.</summary>
public sealed class RecoveryProgress
{
    private long _accounts, _accountsAll, _frames, _framesAll;

    /// <summary>Accounts that were read.</summary>
    public long Accounts => Volatile.Read(ref _accounts);

    /// <summary>Accounts that the snapshot has; 0 while that is not known, and without a snapshot.</summary>
    public long AccountsAll => Volatile.Read(ref _accountsAll);

    /// <summary>Frames that were applied again.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Frames behind the snapshot, up to the head.</summary>
    public long FramesAll => Volatile.Read(ref _framesAll);

    internal void BeginAccounts(long all, long framesAll)
    {
        Volatile.Write(ref _accountsAll, all);
        Volatile.Write(ref _framesAll, framesAll);
    }

    /// <summary>The rows were not believed, or there are none: all frames are applied.</summary>
    internal void BeginFrames(long all)
    {
        Volatile.Write(ref _accounts, 0);
        Volatile.Write(ref _accountsAll, 0);
        Volatile.Write(ref _frames, 0);
        Volatile.Write(ref _framesAll, all);
    }

    internal void Account() => Volatile.Write(ref _accounts, _accounts + 1);

    internal void Frame() => Volatile.Write(ref _frames, _frames + 1);
}
