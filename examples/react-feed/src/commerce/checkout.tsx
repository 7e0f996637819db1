import { TrackContext } from '@turnout/react';
import { useState } from 'react';
import type { Concert } from '../data/concerts.ts';
import { Modal } from '../modal.tsx';
import { CartStep } from './cart-step.tsx';
import { DoneStep } from './done-step.tsx';
import { PayStep } from './pay-step.tsx';

/** Buying in the app: the cart, the payment, the thanks. */
export function Checkout({ concert, onClose }: { concert: Concert; onClose: () => void }) {
  const [isPaying, setIsPaying] = useState(false);
  const [orderId, setOrderId] = useState<string>();
  return (
    <TrackContext value={{ surface: 'checkout' }}>
      <Modal label="Checkout" onClose={onClose}>
        {orderId ? (
          <DoneStep concert={concert} orderId={orderId} onClose={onClose} />
        ) : isPaying ? (
          <PayStep concert={concert} onPaid={setOrderId} />
        ) : (
          <CartStep concert={concert} onCheckout={() => setIsPaying(true)} />
        )}
      </Modal>
    </TrackContext>
  );
}
