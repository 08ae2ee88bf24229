namespace Tars.Host.Sharding;

/// <summary>Mail on its way from one shard of a run to another.</summary>
internal sealed record ShardMail(int From, long Sequence, ReadOnlyMemory<byte> Records);
