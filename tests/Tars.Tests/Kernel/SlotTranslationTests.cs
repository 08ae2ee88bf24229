using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Tests.Bundle.Schema;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>Octets whose type is a stranger's word are refused and never followed.</summary>
public sealed class SlotTranslationTests
{
    [Fact]
    public void A_value_of_one_type_that_is_said_to_be_of_another_never_throws()
    {
        var random = new Xoshiro256(20_261_122);
        for (int round = 0; round < 20_000; round++)
        {
            var said = Schemas.Type(random, depth: 4, slots: true);
            var value = Schemas.Value(Schemas.Type(random, depth: 4, slots: true), random, finite: false);
            bool isValid = ValueEncoding.IsValid(said, value);
            string? refusal = SlotTranslation.ToSlots(said, value, new CapTable(new Derivations(), new BlobStore()));
            Assert.True(isValid || refusal is not null);
        }
    }
}
