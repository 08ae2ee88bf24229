using Tars.Bundle.Schema;

namespace Tars.Kernel.Linking;

/// <summary>A pattern that a module of the system declares, and the type of its channels.</summary>
internal sealed record ChannelImage(string Module, ChannelPattern Pattern, SchemaType Type);
