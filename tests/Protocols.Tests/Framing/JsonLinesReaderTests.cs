using System.Text;
using Fairlead.Protocols.Framing;

namespace Fairlead.Protocols.Tests.Framing;

public sealed class JsonLinesReaderTests
{
    [Theory]
    [InlineData("{}\n", "|{}")]
    [InlineData("{\"a\":1}\r\n\r\n\n {\"b\":2} \n", "|{\"a\":1};|{\"b\":2}")]
    [InlineData("{\"last\":true}", "|{\"last\":true}")]
    [InlineData("\n\n", "")]
    [InlineData("{\"é\":\"☃\"}\n", "|{\"é\":\"☃\"}")]
    public void Lines_ComeOutWhateverTheCuts(string body, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        for (var size = 1; size <= bytes.Length; size++)
            Assert.Equal(expected, string.Join(';', Frames.Read(new JsonLinesReader(), bytes, size)));
    }

    [Fact]
    public void LineBeyondTheLimit_IsRefusedAndDropped()
    {
        foreach (var line in (string[])[new string('x', 2000), new string('x', 2000) + "\n"])
        {
            var reader = new JsonLinesReader(maxLineBytes: 1000);
            Assert.Empty(Frames.Read(reader, Encoding.UTF8.GetBytes(line), 64));
            Assert.True(reader.TooLarge);
        }
    }
}
