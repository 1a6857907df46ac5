using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Embeddings;

/// <summary>Splits inputs into calls that an endpoint takes (I-54).</summary>
internal static class EmbeddingBatches
{
    /// <summary>In order: none larger than <paramref name="mostInputs"/>, nor longer than <paramref name="mostTokens"/> but for single inputs that are.</summary>
    public static IReadOnlyList<EmbeddingBatch> Of(EmbeddingRequest request, int mostInputs, int mostTokens)
    {
        EmbeddingInput[] inputs = [.. request.Inputs];
        var batches = new List<EmbeddingBatch>();
        var first = 0;
        var tokens = 0L;
        for (var i = 0; i < inputs.Length; i++)
        {
            if (i > first && (i - first == mostInputs || tokens + inputs[i].Tokens > mostTokens))
            {
                batches.Add(new EmbeddingBatch(first, new ArraySegment<EmbeddingInput>(inputs, first, i - first)));
                (first, tokens) = (i, 0);
            }

            tokens += inputs[i].Tokens;
        }

        batches.Add(new EmbeddingBatch(first, new ArraySegment<EmbeddingInput>(inputs, first, inputs.Length - first)));
        return batches;
    }
}
