namespace Tars.Host.Sharding;

/// <summary>Mistakes that the simulator may put into the mail of a shard that is kept, to see that its checkers find
/// them.</summary>
internal enum MailMistake
{
    None,

    /// <summary>Mail leaves before the disk has the event that sent it.</summary>
    LeavesBeforeSync,

    /// <summary>A receiver says that it has mail before its disk has the event that took it.</summary>
    ReceiptBeforeSync,

    /// <summary>After a crash mail leaves again that its receiver has.</summary>
    KeptSentAgain,

    /// <summary>A checkpoint holds no mail, also none that its receiver may lose.</summary>
    UnkeptForgotten,

    /// <summary>After a crash the numbers of mail begin with one.</summary>
    NumberedAnew,
}
